import { CaptionFailed, CaptionReady, CaptionRequested } from '#domain/content/caption-events.ts';
import { captionById } from '#domain/content/captions.ts';
import { channels, publishRealtime } from '#platform/ably.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Tell an owner at once how their captions are doing.',
  on: [CaptionRequested, CaptionReady, CaptionFailed],
  effect: 'outside',

  handler: async ({ data: { captionId, contentId, creatorId }, eventId }) => {
    const caption = await captionById(captionId);
    if (!caption) return;
    const { language, status } = caption;
    await publishRealtime([
      {
        channel: channels.user(creatorId.toHexString()),
        name: 'caption:status',
        data: { contentId: contentId.toHexString(), language, status },
        id: eventId,
      },
    ]);
  },
});
