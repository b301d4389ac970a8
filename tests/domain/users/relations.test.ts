import { describe, expect, test } from 'vitest';
import { canSee, type Relation, type Visibility } from '#domain/users/relations.ts';

const stranger: Relation = {
  self: false,
  follows: false,
  requested: false,
  followedBy: false,
  friends: false,
  blocked: false,
  isPrivate: false,
  active: true,
};
const follower = { ...stranger, follows: true };
const friend = { ...follower, followedBy: true, friends: true };
const owner = { ...stranger, self: true, isPrivate: true, active: false };

const seenBy = (relation: Relation): Visibility[] =>
  (['public', 'followers', 'friends', 'private'] as const).filter((visibility) =>
    canSee(relation, visibility),
  );

describe('canSee', () => {
  test('shows everything to its owner', () => {
    expect(seenBy(owner)).toEqual(['public', 'followers', 'friends', 'private']);
  });

  test('shows to others what their relation allows', () => {
    expect(seenBy(stranger)).toEqual(['public']);
    expect(seenBy(follower)).toEqual(['public', 'followers']);
    expect(seenBy(friend)).toEqual(['public', 'followers', 'friends']);
  });

  test('shows a private account to its followers only, and not to who has merely asked', () => {
    expect(seenBy({ ...stranger, isPrivate: true, requested: true, followedBy: true })).toEqual([]);
    expect(seenBy({ ...follower, isPrivate: true })).toEqual(['public', 'followers']);
  });

  test('shows nothing of who has left, or across a block', () => {
    expect(seenBy({ ...friend, active: false })).toEqual([]);
    expect(seenBy({ ...friend, blocked: true })).toEqual([]);
  });
});
