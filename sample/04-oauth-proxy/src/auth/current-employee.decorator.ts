import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Employee } from './employee.interface.js';

/** The employee that `CompanyTokenGuard` found. */
export const CurrentEmployee = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Employee | undefined =>
    context.switchToHttp().getRequest<{ employee?: Employee }>().employee,
);
