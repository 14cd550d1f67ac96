/** Stands in when the environment names no secret. It is public: for trying out only. */
export const DEMO_SECRET = 'demo-secret-for-trying-out-only-0123456789';

export const ISSUER = 'https://login.shop.example';
export const AUDIENCE = 'https://api.shop.example';

/**
 * Reads the secret from the environment variable `JWT_SECRET`.
 *
 * @throws Error where it is shorter than HS256 needs (RFC 7518, section 3.2)
 */
export function jwtSecret(): string {
  const secret = process.env.JWT_SECRET || DEMO_SECRET;
  if (Buffer.byteLength(secret) < 32) {
    throw new Error('JWT_SECRET is too short. Give it 32 bytes or more.');
  }
  return secret;
}
