import type { ReadResourceResult } from '@modelcontextprotocol/server';
import {
  failureOfResponse,
  INTERNAL,
  type OperationOutcome,
  tooLarge,
} from '../invocation/operation-outcome.js';
import type { RouteResponse } from '../invocation/response/route-response.interface.js';
import {
  contentKindOf,
  decodeText,
  mediaTypeOf,
} from '../invocation/result/media-type.js';
import {
  binaryContents,
  type ContentOptions,
  missing,
  textContents,
} from './resource-contents.js';

/**
 * Maps what a route answered, or a filter in place of a method: JSON and text
 * as text, anything else as bytes. An empty answer without a type is what
 * `undefined` becomes over HTTP.
 */
export function mapRouteContents(
  response: RouteResponse,
  options: ContentOptions,
): OperationOutcome<ReadResourceResult> {
  const failure = failureOfResponse(response, options);
  if (failure) {
    return { failure };
  }
  const { status, headers, body, events, stopped } = response;
  const contentType = headers['content-type'];
  if (events !== undefined) {
    options.logger.error(`${options.label} answered with a stream of events.`);
    return { failure: INTERNAL };
  }
  if (stopped || body.length > options.maxResultBytes) {
    return { failure: tooLarge(options) };
  }
  if (status === 204 || (body.length === 0 && contentType === undefined)) {
    return missing(options.uri);
  }
  const mediaType = mediaTypeOf(contentType);
  const kind = contentKindOf(mediaType || mediaTypeOf(options.mimeType), body);
  return kind === 'json' || kind === 'text'
    ? textContents(
        decodeText(body, contentType),
        mediaType || 'text/plain',
        options,
      )
    : binaryContents(body, mediaType || 'application/octet-stream', options);
}
