/**
 * The industry's harmless test file, which every scanner reports. It is put together here, because scanners
 * would also report a source file that held it in one piece.
 */
export const EICAR = [
  'X5O!P%@AP[4\\PZX54(P^)7CC)7}',
  'EICAR-STANDARD',
  'ANTIVIRUS-TEST-FILE!',
  'H+H*',
]
  .join('-')
  .replace('}-', '}$')
  .replace('!-', '!$');
