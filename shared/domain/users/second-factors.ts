import type { Id } from '#platform/id.ts';
import { Users } from './user.model.ts';

/** Every change here is one conditional update: of two at once, one is told that it came too late. */
const done = ({ modifiedCount }: { readonly modifiedCount: number }): boolean =>
  modifiedCount === 1;

const ENABLED = { 'mfa.enabledAt': { $exists: true } };
const WAITING = { 'mfa.enabledAt': { $exists: false } };

/** Begins an enrolment, in place of one that was never finished; false when a second factor is in use. */
export const beginSecondFactor = async (user: Id<'user'>, sealedSecret: string): Promise<boolean> =>
  done(
    await Users.updateOne(
      { _id: user, ...WAITING },
      { $set: { mfa: { secret: sealedSecret, lastStep: 0, recoveryCodes: [] } } },
    ),
  );

/** Takes the enrolment into use with the first code, whose time step is spent by it. */
export const enableSecondFactor = async (
  user: Id<'user'>,
  sealedSecret: string,
  step: number,
  recoveryDigests: readonly string[],
  now: Date,
): Promise<boolean> =>
  done(
    await Users.updateOne(
      { _id: user, 'mfa.secret': sealedSecret, ...WAITING },
      {
        $set: {
          'mfa.enabledAt': now,
          'mfa.lastStep': step,
          'mfa.recoveryCodes': [...recoveryDigests],
        },
      },
    ),
  );

/** Spends the code of a time step; false when it, or a later one, was spent before. */
export const spendStep = async (user: Id<'user'>, step: number): Promise<boolean> =>
  done(
    await Users.updateOne(
      { _id: user, ...ENABLED, 'mfa.lastStep': { $lt: step } },
      { $set: { 'mfa.lastStep': step } },
    ),
  );

/** Spends a recovery code; false when there is none such, or not any more. */
export const spendRecoveryCode = async (user: Id<'user'>, digest: string): Promise<boolean> =>
  done(
    await Users.updateOne(
      { _id: user, ...ENABLED, 'mfa.recoveryCodes': digest },
      { $pull: { 'mfa.recoveryCodes': digest } },
    ),
  );

export const replaceRecoveryCodes = async (
  user: Id<'user'>,
  recoveryDigests: readonly string[],
): Promise<boolean> =>
  done(
    await Users.updateOne(
      { _id: user, ...ENABLED },
      { $set: { 'mfa.recoveryCodes': [...recoveryDigests] } },
    ),
  );

/** Takes the second factor away, used or not; false when there was none. */
export const dropSecondFactor = async (user: Id<'user'>): Promise<boolean> =>
  done(await Users.updateOne({ _id: user, mfa: { $exists: true } }, { $unset: { mfa: 1 } }));

/** Whether somebody signs in with a second factor. */
export const hasSecondFactor = async (user: Id<'user'>): Promise<boolean> =>
  (await Users.exists({ _id: user, ...ENABLED })) !== null;
