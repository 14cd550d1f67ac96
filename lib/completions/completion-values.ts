import type { CompleteResult } from '@modelcontextprotocol/server';
import {
  type FailureOptions,
  failureOfResponse,
  INTERNAL,
  type OperationOutcome,
} from '../invocation/operation-outcome.js';
import type { RouteResponse } from '../invocation/response/route-response.interface.js';

type Outcome = OperationOutcome<CompleteResult['completion']>;

/** MCP, Completion: a response has no more values than that. */
const MAX_VALUES = 100;

/** Maps an array of texts, or `{ values, total?, hasMore? }`, and cuts it. */
export function mapValues(value: unknown, options: FailureOptions): Outcome {
  const { values, total, hasMore } = (
    Array.isArray(value) ? { values: value } : (value ?? { values: [] })
  ) as { values?: unknown; total?: number; hasMore?: boolean };
  if (!Array.isArray(values) || !values.every((each) => isText(each))) {
    options.logger.error(
      `${options.label} returned no values: return an array of texts, or { values, total?, hasMore? }.`,
    );
    return { failure: INTERNAL };
  }
  const isCut = values.length > MAX_VALUES;
  const known = total ?? (isCut ? values.length : undefined);
  const more = isCut || hasMore;
  return {
    result: {
      values: values.slice(0, MAX_VALUES),
      ...(known !== undefined && { total: known }),
      ...(more !== undefined && { hasMore: more }),
    },
  };
}

/** Maps what a filter answered in place of the method. */
export function mapValuesResponse(
  response: RouteResponse,
  options: FailureOptions,
): Outcome {
  const failure = failureOfResponse(response, options);
  if (failure) {
    return { failure };
  }
  try {
    return mapValues(JSON.parse(response.body.toString('utf8')), options);
  } catch {
    return mapValues(undefined, options);
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
