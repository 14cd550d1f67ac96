import { type CanActivate, HttpException, type Type } from '@nestjs/common';
import { findOrCreate } from '../../nest/contracts.js';
import { ExecutionContextHost } from '../../nest/controller-guards.js';
import type { ModuleRef } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';

/** Runs guards of the application on routes that Nest knows nothing of. */
export class EndpointGuards {
  private guards: readonly CanActivate[] = [];

  /**
   * @param owner class that the guards see as the controller
   */
  constructor(
    private readonly types: readonly Type<CanActivate>[],
    private readonly modules: ModuleRef,
    private readonly owner: Type<unknown>,
  ) {}

  /** Takes the guards from the application, or makes them. */
  async prepare(): Promise<void> {
    this.guards = await Promise.all(
      this.types.map((type) =>
        findOrCreate(
          this.modules,
          type,
          'authorizationServer.guards',
          (guard: CanActivate & { onModuleInit?(): unknown }) =>
            guard.onModuleInit?.(),
        ),
      ),
    );
  }

  /** The HTTP status of the first refusal; undefined where all let the request through. */
  async refuse(
    request: unknown,
    response: unknown,
  ): Promise<number | undefined> {
    if (this.guards.length === 0) {
      return undefined;
    }
    const context = new ExecutionContextHost(
      [request, response],
      this.owner,
      this.owner.prototype.mount as () => unknown,
    );
    context.setType('http');
    for (const guard of this.guards) {
      try {
        const answer = guard.canActivate(context);
        const allowed = await (isObservable(answer)
          ? lastValueFrom(answer)
          : answer);
        if (!allowed) {
          return 403;
        }
      } catch (error) {
        if (error instanceof HttpException) {
          return error.getStatus();
        }
        throw error;
      }
    }
    return undefined;
  }
}
