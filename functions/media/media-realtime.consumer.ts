import { assetById } from '#domain/media/assets.ts';
import {
  MediaAccepted,
  MediaFailed,
  MediaReady,
  MediaRejected,
  MediaUploaded,
} from '#domain/media/media-events.ts';
import { channels, publishRealtime } from '#platform/ably.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Tell an owner at once how their upload is doing.',
  on: [MediaUploaded, MediaAccepted, MediaReady, MediaRejected, MediaFailed],
  effect: 'outside',

  handler: async ({ data: { assetId, ownerId }, eventId }) => {
    // As it is now: events may come late, and in another order.
    const asset = await assetById(assetId);
    if (!asset) return;
    const { status, progress, failureCode: code = null } = asset;
    await publishRealtime([
      {
        channel: channels.user(ownerId.toHexString()),
        name: 'media:status',
        data: { assetId: assetId.toHexString(), status, progress, code },
        id: eventId,
      },
    ]);
  },
});
