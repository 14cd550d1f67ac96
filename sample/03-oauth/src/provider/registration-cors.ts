import type Provider from 'oidc-provider';

/**
 * Lets clients in a browser register: the provider answers preflights of every
 * endpoint but this one, which knows no client yet that could be asked.
 */
export const registrationCors: Parameters<Provider['use']>[0] = async (
  context,
  next,
) => {
  if (context.path === '/reg') {
    context.set('Access-Control-Allow-Origin', '*');
    if (context.method === 'OPTIONS') {
      context.set('Access-Control-Allow-Methods', 'POST');
      context.set('Access-Control-Allow-Headers', 'Content-Type');
      context.status = 204;
      return;
    }
  }
  await next();
};
