import {
  UpstreamRefusedError,
  UpstreamUnavailableError,
} from '../upstream/upstream.provider.js';
import { StoreUnavailableError } from '../storage/store.errors.js';
import { InteractionError } from './interaction.error.js';

/** Status and message of the page that tells a person why the login cannot go on. */
export function interactionFailure(
  error: unknown,
): readonly [status: number, message: string] {
  if (error instanceof InteractionError) {
    return [error.status, error.message];
  }
  if (error instanceof UpstreamRefusedError) {
    return [403, 'The login at the identity provider was not accepted.'];
  }
  if (error instanceof StoreUnavailableError) {
    return [503, 'The server cannot answer at the moment.'];
  }
  return error instanceof UpstreamUnavailableError
    ? [503, 'The identity provider cannot be reached at the moment.']
    : [500, 'Something went wrong.'];
}
