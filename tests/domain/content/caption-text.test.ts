import { describe, expect, test } from 'vitest';
import { cleanText, hashtagsIn, mentionsIn } from '#domain/content/caption-text.ts';

describe('cleanText', () => {
  test('keeps words and line ends, and nothing that hides or reorders them', () => {
    expect(cleanText('  a\r\nb\u0000c\u202Ed  ')).toBe('a\nb cd');
    expect(cleanText('e\u0301')).toBe('é');
  });
});

describe('hashtagsIn', () => {
  test('finds tags of any script once each, in lower case', () => {
    expect(hashtagsIn('#Bread #bread, #käse-brot (#日本) #a_1')).toEqual([
      'bread',
      'käse',
      '日本',
      'a_1',
    ]);
  });

  test('takes no part of a word or of an address for a tag', () => {
    expect(hashtagsIn('a#b https://x.y/#z &#39; ##')).toEqual([]);
  });
});

describe('mentionsIn', () => {
  test('finds usernames without the stop that ends the sentence', () => {
    expect(mentionsIn('With @Bob_1, @carl.d. and @bob_1')).toEqual(['bob_1', 'carl.d']);
  });

  test('takes no address for a person', () => {
    expect(mentionsIn('write to bob@example.com')).toEqual([]);
  });
});
