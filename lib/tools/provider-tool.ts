import type { CallToolResult } from '@modelcontextprotocol/server';
import type { CallResult } from '../invocation/call-result.js';
import type { ProviderAnswer } from '../invocation/provider/provider.invoker.js';
import { failureOfError } from '../invocation/result/failure.js';
import { mapResult } from '../invocation/result/result.mapper.js';
import {
  mapReturnValue,
  mapUnended,
} from '../invocation/provider/return-value.js';
import { parameterTypeOf } from '../nest/provider-methods.js';
import { NO_ARGUMENTS } from '../schema/json-schema/schema-keywords.js';
import { buildOutputSchema } from '../schema/output/output-schema.builder.js';
import { methodArguments } from '../schema/sources/schema-reader.js';
import type { OperationBuild } from '../server/server-settings.js';
import type { ProviderCandidate } from './tool.registry.js';
import { toolParts } from './tool-parts.js';
import type { Tool } from './tool.registry.js';

/** A tool that calls a provider's method, with its guards, pipes, interceptors and filters. */
export function createProviderTool(
  name: string,
  candidate: ProviderCandidate,
  build: OperationBuild,
): Tool {
  const { options, owner, methodName, wrapper } = candidate;
  const { settings, sources } = build;
  const { identity, given, refuse, resultOptions } = toolParts(
    name,
    candidate,
    {
      inputSchema:
        methodArguments(
          options.inputSchema,
          parameterTypeOf(owner, methodName),
          build,
          `inputSchema of ${candidate.origin}`,
        ) ?? NO_ARGUMENTS,
      outputSchema: buildOutputSchema({
        // A provider has no documented response for `true` to stand for.
        explicit:
          options.outputSchema === true || options.outputSchema === 'strict'
            ? undefined
            : options.outputSchema,
        swagger: undefined,
        sources,
      }),
      httpMethod: undefined,
    },
    build,
  );
  const method = build.invokers.providers.prepare({
    wrapper,
    owner,
    methodName,
  });
  const callOptions = {
    timeoutMs: options.timeout ?? settings.limits.timeout,
    maxResultBytes: settings.limits.maxResultBytes,
  };
  const answer: ProviderAnswer<CallResult<CallToolResult>> = {
    value: (value) => mapReturnValue(value, resultOptions),
    response: (response) => mapResult(response, resultOptions),
    unended: (values) => mapUnended(values, resultOptions),
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
        return await method(
          args === call.arguments ? call : { ...call, arguments: args },
          callOptions,
          answer,
        );
      } catch (error) {
        return { failure: failureOfError(error, resultOptions) };
      }
    },
  };
}
