import type { Type } from '@nestjs/common';
import {
  McpAuthorize,
  McpPublic,
  McpScopes,
} from '../auth/access/access.decorators.js';
import { looseProvider } from '../nest/loose-provider.js';
import type { RuntimeAccess } from './runtime-definition.interface.js';

const METHOD = 'handler';

/** What a definition says of the code behind it. */
export interface RuntimeMethod extends RuntimeAccess {
  handler(args: never, context: never): unknown;
}

/** A method that stands for a definition. */
export interface RuntimeCandidate {
  readonly owner: Type<unknown>;
  readonly methodName: string;
  readonly origin: string;
  readonly wrapper: ReturnType<typeof looseProvider>;
}

/**
 * A class with one method for what is registered while the application runs,
 * so that rules, guards and the rest find what they find on a provider. It is a
 * new one each time: a function may be registered twice, with different rules.
 *
 * @throws Error without a handler
 */
export function runtimeMethod(
  name: string,
  definition: RuntimeMethod,
): RuntimeCandidate {
  const origin = `McpRegistry.register(${JSON.stringify(name)})`;
  if (typeof definition.handler !== 'function') {
    throw new Error(`${origin} has no handler. Give a function.`);
  }
  class RuntimeOperation {
    handler(args: never, context: never): unknown {
      return definition.handler(args, context);
    }
  }
  decorate(Reflect.get(RuntimeOperation.prototype, METHOD), definition);
  return {
    owner: RuntimeOperation as Type<unknown>,
    methodName: METHOD,
    origin,
    wrapper: looseProvider(new RuntimeOperation()),
  };
}

function decorate(
  method: (...args: never) => unknown,
  { scopes = [], public: isPublic, authorize }: RuntimeAccess,
): void {
  const [first, ...others] = scopes;
  if (first !== undefined) {
    McpScopes(first, ...others)(method);
  }
  if (isPublic) {
    McpPublic()(method);
  }
  if (authorize) {
    McpAuthorize(authorize)(method);
  }
}
