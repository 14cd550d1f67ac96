import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { Role } from './user.interface.js';

export const ROLES = 'roles';

/** Who may come in here: people with one of these roles. */
export const Roles = (...roles: Role[]): CustomDecorator =>
  SetMetadata(ROLES, roles);
