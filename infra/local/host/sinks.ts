import type { FoundTrigger } from '#build/discover.ts';
import { config } from '#platform/config.ts';

/** Makes the buckets, and has them announce finished objects to the functions that listen. */
export async function announceTo(triggers: readonly FoundTrigger[], url: string): Promise<void> {
  const { UPLOADS_BUCKET, MEDIA_BUCKET, CAPTIONS_BUCKET, KYC_BUCKET } = config();
  for (const bucket of [UPLOADS_BUCKET, MEDIA_BUCKET, CAPTIONS_BUCKET, KYC_BUCKET]) {
    const sinks = triggers
      .filter(({ definition }) => config()[definition.bucket] === bucket)
      .map(({ name }) => ({ url: `${url}/functions/${name}` }));
    const response = await fetch(
      `${process.env['STORAGE_EMULATOR_HOST']}/_local/buckets/${bucket}`,
      {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          public: bucket === MEDIA_BUCKET,
          sinks,
          notifyEvents: ['finalized'],
        }),
      },
    );
    if (!response.ok)
      throw new Error(`bucket ${bucket}: ${response.status} ${await response.text()}`);
  }
}
