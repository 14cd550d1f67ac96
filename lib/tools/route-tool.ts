import { failureOfError } from '../invocation/result/failure.js';
import { mapResult } from '../invocation/result/result.mapper.js';
import type { RouteTarget } from '../invocation/route/request-mapper.js';
import { readsForm } from '../nest/upload-fields.js';
import { swaggerOperation } from '../nest/swagger-operation.js';
import type { InputSchema } from '../schema/input/argument-target.js';
import { buildInputSchema } from '../schema/input/input-schema.builder.js';
import { buildOutputSchema } from '../schema/output/output-schema.builder.js';
import { describeResponses } from '../schema/output/response-description.js';
import type { OperationBuild } from '../server/server-settings.js';
import type { RouteCandidate } from './tool.registry.js';
import { toolParts } from './tool-parts.js';
import type { Tool } from './tool.registry.js';

/** A tool that calls a route through the application's HTTP adapter. */
export function createRouteTool(
  name: string,
  candidate: RouteCandidate,
  build: OperationBuild,
): Tool {
  const { options, route, url, httpMethod } = candidate;
  const { settings, sources, warn } = build;
  const invoker = build.invokers.routes;
  const swagger = swaggerOperation(route, sources);
  const input = buildInputSchema(route, {
    ...(options.inputSchema !== undefined && { explicit: options.inputSchema }),
    swagger,
    sources,
    pathParameters: invoker.pathParametersOf(url.path),
    takenHeaders: [
      ...settings.forwardHeaders,
      ...Object.keys(candidate.headers),
    ],
    hideArguments: settings.hideArguments ?? [],
    optionalPathParameters: invoker.optionalPathParametersOf(url.path),
    methodPipes: route.pipes,
    warn,
  });
  const unknownForm = formProblem(candidate, swagger, input);
  if (unknownForm && !candidate.isDecorated) {
    throw new Error(unknownForm);
  }
  if (unknownForm) {
    warn(`${candidate.origin} cannot be called with a form: ${unknownForm}`);
  }
  const asked = options.outputSchema ?? settings.outputSchema;
  const { identity, given, refuse, settle, resultOptions } = toolParts(
    name,
    candidate,
    {
      inputSchema: input.schema,
      textual: textualArguments(input),
      outputSchema: buildOutputSchema({
        explicit: asked === 'strict' ? true : asked,
        swagger,
        sources,
      }),
      isLenient: asked === true,
      responses: responsesOf(swagger, build),
      httpMethod,
    },
    build,
  );
  const target: RouteTarget = {
    route,
    url,
    httpMethod,
    input,
    headers: candidate.headers,
  };
  const invokeOptions = {
    forwardHeaders: settings.forwardHeaders,
    maxResultBytes: settings.limits.maxResultBytes,
    timeoutMs: options.timeout ?? settings.limits.timeout,
    takesUnended: true,
  };
  return {
    ...identity,
    async call(call) {
      const args = given(call.arguments);
      const refusal = refuse(args);
      if (refusal) {
        return refusal;
      }
      try {
        return settle(
          mapResult(
            await invoker.invoke(target, args, call, invokeOptions),
            resultOptions,
          ),
        );
      } catch (error) {
        return { failure: failureOfError(error, resultOptions) };
      }
    },
  };
}

/** Why the fields of the form that the route reads are unknown; undefined where they are known, or it reads no form. */
function formProblem(
  { route, options }: RouteCandidate,
  swagger: ReturnType<typeof swaggerOperation>,
  { bindings, bodyEncoding, openBody }: InputSchema,
): string | undefined {
  const types = swagger?.consumes ?? [];
  const readsForms =
    (types.length > 0 && types.every((type) => /^multipart\//i.test(type))) ||
    readsForm(route);
  const knowsFields =
    options.inputSchema !== undefined ||
    (bodyEncoding === 'multipart' &&
      (openBody ||
        bindings.some(({ source }) =>
          ['body', 'file', 'files'].includes(source),
        )));
  return readsForms && !knowsFields
    ? 'it reads a multipart form, and nothing tells which fields it has. ' +
        "Document them by @ApiConsumes('multipart/form-data') and @ApiBody(), " +
        'or hide the route with @McpHide().'
    : undefined;
}

/** In a URL and in headers everything is text. */
const textualArguments = ({ bindings }: InputSchema): string[] =>
  bindings
    .filter(({ source }) => ['path', 'query', 'header'].includes(source))
    .map(({ argument }) => argument);

function responsesOf(
  swagger: ReturnType<typeof swaggerOperation>,
  { settings, sources }: OperationBuild,
): string {
  const { describeAllResponses, describeFullResponseSchema } = settings;
  return swagger && (describeAllResponses || describeFullResponseSchema)
    ? describeResponses(swagger, {
        all: describeAllResponses,
        full: describeFullResponseSchema,
        sources,
      })
    : '';
}
