/**
 * What a file is by its first bytes, as a media type; undefined when they say nothing. Only the beginning is
 * read, so this says what a file claims to be, not that it can be played.
 */
export async function sniff(path: string): Promise<string | undefined> {
  const { fileTypeFromFile } = await import('file-type');
  const found = await fileTypeFromFile(path);
  return found?.mime;
}
