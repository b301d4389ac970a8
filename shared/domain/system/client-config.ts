import { setting } from './settings.ts';

const MULTIPART_BYTES = 30 * 1024 * 1024;

/** What every client must know before its first request, with the limits in force. */
export const clientConfig = async () => ({
  limits: {
    videoBytes: await setting('media.maxVideoBytes'),
    imageBytes: await setting('media.maxImageBytes'),
    videoSeconds: await setting('media.maxVideoSeconds'),
    multipartBytes: MULTIPART_BYTES,
    captionLength: await setting('content.captionLength'),
    topupMaxMinor: await setting('wallet.topupMaxMinor'),
    transferMaxMinor: await setting('wallet.transferMaxMinor'),
    transferConfirmOverMinor: await setting('wallet.confirmOverMinor'),
  },
  mediaTypes: {
    video: ['video/mp4', 'video/quicktime'],
    image: ['image/jpeg', 'image/png'],
  },
  currency: await setting('wallet.currency'),
  locales: ['en'],
  captionLanguages: ['en-US'],
  reportReasons: [
    'spam',
    'harassment',
    'hate',
    'violence',
    'nudity',
    'minor_safety',
    'self_harm',
    'fraud',
    'counterfeit',
    'intellectual_property',
    'other',
  ],
  minimumAppVersion: '1.0.0',
});
