import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { AUDIENCE, ISSUER, jwtSecret } from './jwt.settings.js';
import type { Role, User } from './user.interface.js';

/** What `AuthGuard('jwt')` checks tokens with. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: jwtSecret(),
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience: AUDIENCE,
    });
  }

  validate({ sub, roles }: { sub: string; roles?: readonly Role[] }): User {
    return { name: sub, roles: roles ?? [] };
  }
}
