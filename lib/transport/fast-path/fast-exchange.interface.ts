import type { RawExchange } from '../adapter-exchange.js';
import type { DeferredResponse } from '../deferred-response.js';
import type { Exchange } from '../exchange.js';
import type { FastRequest } from './fast-request.js';

/** All that belongs to one request on the fast path. */
export interface FastExchange {
  readonly request: FastRequest;
  readonly raw: RawExchange;
  readonly exchange: Exchange;
  readonly writer: DeferredResponse;
}
