/** Why the bytes are not wanted, and what to tell their owner. Uploading the same again cannot help. */
export const REJECTIONS = {
  type_mismatch: 'This file is not the kind of media it says it is.',
  size_mismatch: 'The file that arrived has another size than was announced.',
  checksum_mismatch: 'The file was damaged on its way to us. Please upload it again.',
  too_long: 'This video is longer than we accept.',
  too_large: 'This file is larger than we accept.',
  malware: 'This file contains malicious software.',
  known_illegal: 'This file cannot be published.',
  unreadable: 'This file is damaged or cannot be played.',
} as const;
export type RejectionCode = keyof typeof REJECTIONS;

/** What went wrong on the way, and what to tell the owner. */
export const FAILURES = {
  transcode_error: 'We could not convert this file. You can try again without a new upload.',
  timeout: 'Converting this file took too long. You can try again without a new upload.',
  internal_error: 'Something went wrong on our side. You can try again without a new upload.',
  upload_expired: 'The upload was not finished within 24 hours. Please start again.',
} as const;
export type FailureCode = RejectionCode | keyof typeof FAILURES;

/** One sentence for a person. */
export const sentenceFor = (code: FailureCode): string => ({ ...REJECTIONS, ...FAILURES })[code];
