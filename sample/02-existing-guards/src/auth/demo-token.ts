import { SignJWT } from 'jose';
import { AUDIENCE, ISSUER, jwtSecret } from './jwt.settings.js';
import type { Role } from './user.interface.js';

/** A token as the company's login would give it, for eight hours. */
export function demoToken(name: string, ...roles: Role[]): Promise<string> {
  return new SignJWT({ roles })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(name)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime('8h')
    .sign(new TextEncoder().encode(jwtSecret()));
}
