import { failed } from '../invocation/call-result.js';
import { failureOfError } from '../invocation/result/failure.js';
import type { RouteTarget } from '../invocation/route/request-mapper.js';
import { readOperation } from '../nest/operation-metadata.js';
import { swaggerOperation } from '../nest/swagger-operation.js';
import { buildInputSchema } from '../schema/input/input-schema.builder.js';
import type { InputSchema } from '../schema/input/argument-target.js';
import {
  TextArguments,
  type TextValues,
} from '../schema/input/text.arguments.js';
import type { OperationBuild } from '../server/server-settings.js';
import type { RouteResourceCandidate } from './resource.registry.js';
import { resourceIdentity } from './resource-identity.js';
import type { Resource } from './resource.registry.js';
import { mapRouteContents } from './resource-contents.js';
import { refuseUnknown, refuseUnnamed } from './resource-identity.js';

/** A resource that a GET route gives, called through the application's HTTP adapter. */
export function createRouteResource(
  candidate: RouteResourceCandidate,
  build: OperationBuild,
): Resource {
  const { route, url, headers, origin, options } = candidate;
  const { settings, invokers } = build;
  const { summary, description } = readOperation(route);
  const { identity, timeoutMs, contentOptions } = resourceIdentity(
    candidate,
    options.description ?? description ?? summary,
    build,
  );
  const input = inputOf(candidate, build);
  refuseUnnamed(input.schema, identity, origin);
  refuseUnknown(readable(input), identity, origin);
  // Formats are for the route's own pipes to decide.
  const text = new TextArguments(input.schema, origin, false);
  const target: RouteTarget = {
    route,
    url,
    httpMethod: route.httpMethod,
    input,
    headers,
  };
  const invokeOptions = {
    forwardHeaders: settings.forwardHeaders,
    maxResultBytes: settings.limits.maxResultBytes,
    timeoutMs,
  };
  return {
    ...identity,
    async read(call) {
      const content = contentOptions(call.name);
      const values = call.arguments as TextValues;
      const read = text.read(values);
      if ('problem' in read) {
        return failed('caller', read.problem);
      }
      try {
        // As text, which a URL holds anyway.
        return mapRouteContents(
          await invokers.routes.invoke(target, values, call, invokeOptions),
          content,
        );
      } catch (error) {
        return { failure: failureOfError(error, content) };
      }
    },
  };
}

function inputOf(
  { route, url, headers }: RouteResourceCandidate,
  { settings, sources, warn, invokers }: OperationBuild,
): InputSchema {
  return buildInputSchema(route, {
    swagger: swaggerOperation(route, sources),
    sources,
    pathParameters: invokers.routes.pathParametersOf(url.path),
    takenHeaders: [...settings.forwardHeaders, ...Object.keys(headers)],
    optionalPathParameters: invokers.routes.optionalPathParametersOf(url.path),
    methodPipes: route.pipes,
    warn,
  });
}

/** What a URI can say: a header or body has no place in it. */
function readable({ bindings }: InputSchema): string[] {
  return bindings
    .filter(({ source }) => source === 'path' || source === 'query')
    .map(({ argument }) => argument);
}
