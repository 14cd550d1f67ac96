import { LONGEST_TIMEOUT } from '../../timeout.js';
import type { McpAuthOptions } from '../auth-options.interface.js';
import { shown } from '../../options/option-keys.js';

const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9-]*$/;

/** @throws Error naming the option, its value and the remedy */
export function checkAuthOptions(options: McpAuthOptions): void {
  const resources = [options.resource ?? []].flat();
  if (options.resource !== undefined && resources.length === 0) {
    throw new Error(
      'auth.resource is an empty list. Write the public URL of the endpoint, ' +
        'such as "https://api.example.com/mcp", or leave it out.',
    );
  }
  for (const resource of resources) {
    checkUrl('resource', resource);
    if (resource.includes('?')) {
      throw new Error(
        `auth.resource: "${resource}" has a query, by which its metadata ` +
          'could not be told apart. Write the URL without it.',
      );
    }
  }
  for (const issuer of options.authorizationServers ?? []) {
    checkUrl('authorizationServers', issuer);
  }
  for (const scope of [
    ...(options.requiredScopes ?? []),
    ...(options.scopesSupported ?? []),
    ...(options.challengeScopes ?? []),
  ]) {
    if (!SCOPE.test(scope)) {
      throw new Error(
        `auth: "${scope}" is no scope. Write each by itself, without spaces ` +
          'and quotes (RFC 6749, section 3.3).',
      );
    }
  }
  if (options.scheme !== undefined && !SCHEME.test(options.scheme)) {
    throw new Error(
      `auth.scheme is "${options.scheme}". Write one word, such as "Bearer".`,
    );
  }
  checkRecheck(options.recheckStreamsAfter);
  if (options.verifier === false && options.provider !== undefined) {
    throw new Error(
      'auth.verifier is false while auth.provider is given. Leave one out: ' +
        'false says that guards alone decide.',
    );
  }
}

function checkRecheck(seconds: number | false | undefined): void {
  const longest = Math.floor(LONGEST_TIMEOUT / 1000);
  if (
    seconds !== undefined &&
    seconds !== false &&
    !(typeof seconds === 'number' && seconds > 0 && seconds <= longest)
  ) {
    throw new Error(
      `auth.recheckStreamsAfter is ${shown(seconds)}. Write seconds above 0, ` +
        `up to ${longest}, or false to leave streams open until their token expires.`,
    );
  }
}

function checkUrl(option: string, value: string): void {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isLoopback =
    url !== undefined &&
    /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (
    !url ||
    (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) ||
    url.hash !== '' ||
    url.username !== '' ||
    url.password !== ''
  ) {
    throw new Error(
      `auth.${option}: "${value}" is no usable URL. Write an absolute https ` +
        'URL without fragment and credentials; http is for loopback alone.',
    );
  }
}
