import { HttpException, HttpStatus } from '@nestjs/common';
import {
  getAccessToken,
  missingScopes,
  noteAsserted,
} from '../context/request-context.js';

/**
 * Holds the caller to scopes from inside a tool or a service, by the server's
 * `ScopeMatcher`.
 *
 * @throws HttpException 401 "Authentication required" without a token; 403
 * "Missing required scope: x" or "Missing scopes: a, b"
 * @publicApi
 */
export function assertScopes(...scopes: [string, ...string[]]): void {
  noteAsserted(scopes);
  const token = getAccessToken();
  if (!token) {
    throw new HttpException('Authentication required', HttpStatus.UNAUTHORIZED);
  }
  const missing = missingScopes(token, scopes);
  if (missing.length > 0) {
    throw new HttpException(
      missing.length === 1
        ? `Missing required scope: ${missing[0]}`
        : `Missing scopes: ${missing.join(', ')}`,
      HttpStatus.FORBIDDEN,
    );
  }
}
