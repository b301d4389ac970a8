import { z } from 'zod';

/** Everything a person can be told about. */
export const NotificationType = z.enum([
  'follow',
  'follow_request',
  'follow_accepted',
  'like',
  'comment',
  'reply',
  'mention',
  'content_published',
  'story_published',
  'media_rejected',
  'media_failed',
  'captions_ready',
  'captions_failed',
  'transfer_received',
  'topup_settled',
  'topup_failed',
  'gift_received',
  'order_placed',
  'order_updated',
  'order_received',
  'payment_failed',
  'refund_issued',
  'live_started',
  'new_device',
  'account_notice',
]);
export type NotificationType = z.infer<typeof NotificationType>;
