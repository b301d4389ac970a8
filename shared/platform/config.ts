import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const positive = z.coerce.number().positive();
const secret = z.string().min(32, 'must have at least 32 characters');
const hex32 = z.string().regex(/^[0-9a-f]{32}$/i, 'must be 32 hexadecimal digits');

/** Everything the product reads from its environment. Units are in the names. */
const Environment = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('production'),
  PORT: port.default(8080),
  LOG_LEVEL: z.enum(['debug', 'info', 'warning', 'error', 'silent']).default('info'),
  REGION: z.string().default('europe-west1'),

  MONGODB_URI: z.string().regex(/^mongodb(\+srv)?:\/\//, 'must be a mongodb:// address'),
  /** For the audit: the same database, by a user who can only read. All reads of a proof go over it. */
  MONGODB_AUDIT_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must be a mongodb:// address')
    .optional(),
  MONGODB_MAX_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(5),

  JWT_SECRET: secret,
  REFRESH_TOKEN_SECRET: secret,
  /** Signs cursors, and hashes addresses and requests; never leaves the service. */
  CURSOR_SECRET: secret,
  /** Encrypts second-factor secrets at rest. */
  DATA_ENCRYPTION_KEY: secret,
  REQUIRE_VERIFIED_EMAIL: z.stringbool().default(true),

  GOOGLE_CLOUD_PROJECT: z.string().min(1),
  UPLOADS_BUCKET: z.string().min(3),
  MEDIA_BUCKET: z.string().min(3),
  CAPTIONS_BUCKET: z.string().min(3),
  /** Documents that prove who somebody is. Nothing in it is ever public. */
  KYC_BUCKET: z.string().min(3),
  /** Where the public reads the media bucket, usually a CDN. */
  MEDIA_BASE_URL: z.url(),
  PUBLIC_BASE_URL: z.url(),
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform((list) =>
      list
        .split(',')
        .map((origin) => origin.trim())
        .filter(Boolean),
    ),
  /** How many proxies of ours append to X-Forwarded-For; the client stands before them. */
  TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).max(5).default(1),

  ABLY_API_KEY: z.string().regex(/^[^:]+:.+$/, 'must look like name:secret'),
  /** Set only where Ably is not at its own address. */
  ABLY_ENDPOINT: z.url().optional(),
  STRIPE_SECRET_KEY: z.string().min(8),
  STRIPE_WEBHOOK_SECRET: z.string().min(8),
  STRIPE_API_BASE: z.url().optional(),
  /** Carriers sign what they tell about parcels with it. */
  CARRIER_WEBHOOK_SECRET: z.string().min(8),
  SPEECH_ENDPOINT: z.url().optional(),
  SMTP_URL: z.url(),
  MAIL_FROM: z.string().default('Mixillo <no-reply@mixillo.app>'),
  CLAMD_URL: z.url(),
  FFMPEG_PATH: z.string().default('ffmpeg'),
  FFPROBE_PATH: z.string().default('ffprobe'),
  /** Agora's library makes empty tokens of anything else. */
  AGORA_APP_ID: hex32,
  AGORA_APP_CERTIFICATE: hex32,
  AGORA_WEBHOOK_SECRET: z.string().min(8),
  /** Private networks, as `10.1.0.0/16,…`, whose machines may be sent webhooks, also over http. */
  WEBHOOK_TRUSTED_NETWORKS: z
    .string()
    .regex(/^$|^[0-9a-f.:]+\/\d+(,[0-9a-f.:]+\/\d+)*$/i)
    .default('')
    .transform((list) => list.split(',').filter(Boolean)),

  /** Multiplies every rate limit. */
  RATE_LIMIT_SCALE: positive.default(1),
  BCRYPT_COST: z.coerce.number().int().min(10).max(15).default(10),
});

export type Config = z.infer<typeof Environment>;

/** Reads a configuration, naming every variable that is missing or malformed. */
export function parseConfig(environment: NodeJS.ProcessEnv): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(set);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`The environment is not complete:\n  ${problems.join('\n  ')}`);
}

let parsed: Config | undefined;

/** The configuration of this instance, parsed at first use and then kept. */
export const config = (): Config => (parsed ??= parseConfig(process.env));
