/** What the product reads from its environment that no engine decides. */
export const productEnvironment = (project: string, publicUrl: string): Record<string, string> => ({
  GOOGLE_CLOUD_PROJECT: project,
  UPLOADS_BUCKET: `${project}-uploads`,
  MEDIA_BUCKET: `${project}-media`,
  CAPTIONS_BUCKET: `${project}-captions`,
  MEDIA_BASE_URL: `${publicUrl}/media`,
  PUBLIC_BASE_URL: publicUrl,
  CORS_ORIGINS: 'http://localhost:3000',
  TRUSTED_PROXY_HOPS: '0',
  REQUIRE_VERIFIED_EMAIL: 'false',
  // The framework itself answers with stack traces unless it is told that this is production.
  NODE_ENV: 'production',
});
