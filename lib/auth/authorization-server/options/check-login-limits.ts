import type { AuthorizationServerSettings } from './authorization-server.settings.js';
import { shown } from '../../../options/option-keys.js';

/** @throws Error naming the option, its value and the remedy */
export function checkLoginLimits({
  options,
  loginLimits,
}: AuthorizationServerSettings): void {
  if (options.loginLimits !== undefined && options.upstream !== undefined) {
    throw new Error(
      'authorizationServer.loginLimits is for people who log in here, and ' +
        'authorizationServer.upstream logs them in elsewhere. Leave one of them out.',
    );
  }
  for (const [name, value] of Object.entries(loginLimits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new Error(
        `authorizationServer.loginLimits.${name} is ${shown(value)}. Write a whole ` +
          'number of at least 1.',
      );
    }
  }
}
