import { MediaUnusable, mediaUrls, readyAssetOf } from '#domain/media/assets.ts';
import type { MediaPurpose } from '#domain/media/media-limits.ts';
import type { Id } from '#platform/id.ts';

export interface ShownMedia {
  readonly asset: Id<'media'>;
  /** The picture, or the video as one file. */
  readonly url: string;
  readonly thumbnailUrl: string;
}

/**
 * Files that their owner uploaded for this, with the addresses at which everybody finds them.
 * Throws `NotFound`, `MediaNotReady` or `MediaUnusable`.
 */
export async function shownMedia(
  owner: Id<'user'>,
  assets: readonly Id<'media'>[],
  purpose: MediaPurpose,
): Promise<ShownMedia[]> {
  const shown: ShownMedia[] = [];
  for (const asset of assets) {
    const { imageUrl, videoUrl, thumbnailUrl } = mediaUrls(
      await readyAssetOf(owner, asset, purpose),
    );
    const url = imageUrl ?? videoUrl;
    if (url === null) throw new MediaUnusable({ field: 'media' });
    shown.push({ asset, url, thumbnailUrl: thumbnailUrl ?? url });
  }
  return shown;
}
