import type { Type } from '@nestjs/common';
import type { ProviderInvoker } from '../invocation/provider.invoker.js';
import { parameterTypeOf } from '../nest/provider-parameters.js';
import type { ObjectSchema } from '../schema/json-schema/json-schema.interface.js';
import { buildOutputSchema } from '../schema/output/output-schema.builder.js';
import { resolveSchema } from '../schema/sources/schema-source.js';
import type { ToolBuild } from './tool-build.interface.js';
import type { ProviderCandidate } from './tool-candidate.interface.js';
import { toolDescription } from './tool-description.js';
import { toolParts } from './tool-parts.js';
import type { Tool } from './tool.interface.js';

/** A tool that calls a provider's method, with its guards, pipes, interceptors and filters. */
export function createProviderTool(
  name: string,
  candidate: ProviderCandidate,
  build: ToolBuild,
  invoker: ProviderInvoker,
): Tool {
  const { options, owner, methodName, wrapper } = candidate;
  const { settings, sources } = build;
  const { identity, refuse, resultOptions } = toolParts(
    name,
    candidate,
    {
      inputSchema: inputSchemaOf(candidate, build),
      outputSchema: buildOutputSchema({
        // A provider has no documented response for `true` to stand for.
        explicit:
          options.outputSchema === true ? undefined : options.outputSchema,
        swagger: undefined,
        sources,
      }),
      description: toolDescription(candidate, ''),
      httpMethod: undefined,
    },
    build,
  );
  const method = invoker.prepare({ wrapper, owner, methodName });
  const callOptions = {
    ...resultOptions,
    timeoutMs: options.timeout ?? settings.timeout,
  };
  return {
    ...identity,
    async call(call) {
      return (
        refuse(call.arguments) ?? method(call.arguments, call, callOptions)
      );
    },
  };
}

/** The schema given, else that of the first parameter's class; without either, no arguments. */
function inputSchemaOf(
  { options, owner, methodName, origin }: ProviderCandidate,
  { sources }: ToolBuild,
): ObjectSchema {
  const type = parameterTypeOf(owner, methodName);
  const source = options.inputSchema ?? (isDto(type) ? type : undefined);
  const schema = source && resolveSchema(source, 'input', sources);
  if (schema && schema['type'] !== 'object') {
    throw new Error(
      `inputSchema of ${origin} is no object: its root must have type ` +
        '"object", as the arguments of a tool are named.',
    );
  }
  return (
    (schema as ObjectSchema | undefined) ?? {
      type: 'object',
      additionalProperties: false,
    }
  );
}

function isDto(type: Type<unknown> | undefined): type is Type<unknown> {
  return type !== undefined && type !== Object;
}
