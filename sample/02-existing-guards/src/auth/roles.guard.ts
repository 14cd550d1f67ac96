import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { PUBLIC } from './public.decorator.js';
import { ROLES } from './roles.decorator.js';
import type { Role, User } from './user.interface.js';

/** Global: where nobody wrote `@Roles()`, nobody comes in, so that none is forgotten. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, targets)) {
      return true;
    }
    const allowed =
      this.reflector.getAllAndOverride<readonly Role[]>(ROLES, targets) ?? [];
    const { user } = context.switchToHttp().getRequest<{ user: User }>();
    if (!user.roles.some((role) => allowed.includes(role))) {
      throw new ForbiddenException(
        `This needs the role ${allowed.join(' or ') || 'of nobody'}.`,
      );
    }
    return true;
  }
}
