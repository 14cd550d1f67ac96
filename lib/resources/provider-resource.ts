import { failed } from '../invocation/call-result.js';
import { failureOfError } from '../invocation/result/failure.js';
import { parameterTypeOf } from '../nest/provider-methods.js';
import {
  TextArguments,
  type TextValues,
} from '../schema/input/text.arguments.js';
import { methodArguments } from '../schema/sources/schema-reader.js';
import type { OperationBuild } from '../server/server-settings.js';
import type { ProviderResourceCandidate } from './resource.registry.js';
import { mapContents } from './resource-contents.js';
import { resourceIdentity } from './resource-identity.js';
import type { Resource } from './resource.registry.js';
import { mapRouteContents } from './resource-contents.js';
import { refuseUnnamed } from './resource-identity.js';

/** A resource that a provider's method gives, with its guards, pipes, interceptors and filters. */
export function createProviderResource(
  candidate: ProviderResourceCandidate,
  build: OperationBuild,
): Resource {
  const { wrapper, owner, methodName, origin, options } = candidate;
  const { identity, timeoutMs, contentOptions } = resourceIdentity(
    candidate,
    options.description,
    build,
  );
  const label = `The first parameter of ${origin}`;
  const schema = methodArguments(
    undefined,
    parameterTypeOf(owner, methodName),
    build,
    label,
  );
  refuseUnnamed(schema, identity, label);
  const input = schema && new TextArguments(schema, label);
  const method = build.invokers.providers.prepare({
    wrapper,
    owner,
    methodName,
  });
  const { maxResultBytes } = build.settings.limits;
  return {
    ...identity,
    async read(call) {
      const content = contentOptions(call.name);
      const read = input?.read(call.arguments as TextValues) ?? {
        values: call.arguments,
      };
      if ('problem' in read) {
        return failed('caller', read.problem);
      }
      try {
        return await method(
          { ...call, arguments: read.values },
          { timeoutMs, maxResultBytes },
          {
            value: (value) => mapContents(value, content),
            response: (response) => mapRouteContents(response, content),
          },
        );
      } catch (error) {
        return { failure: failureOfError(error, content) };
      }
    },
  };
}
