import {
  BadRequestException,
  Controller,
  Get,
  Header,
  Redirect,
  Req,
  type Type,
} from '@nestjs/common';
import { resolveClientMetadata } from '@modelcontextprotocol/client';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import { shown } from '../../options/option-values.js';
import { McpClientError } from '../client.errors.js';
import { clientMetadataOf, type LoginClient } from './login-provider.js';

/** Options of `AuthorizationCodeAuth.controller()`. @publicApi */
export interface LoginControllerOptions {
  /**
   * The user whom the browser belongs to, by its session at this application:
   * the same id as `forCaller({ user })` has; undefined where nobody is logged in.
   * Only who began a login can end it.
   *
   * @param request of the adapter
   */
  readonly userOf: (
    // As applications annotate it with the request of their adapter.
    request: never,
  ) => string | undefined | Promise<string | undefined>;
  /** Where browsers go after the login: a path or URL of this application. @default a page that says it is done */
  readonly returnTo?: string;
  /** Path of the controller, without a global prefix that the application sets. @default the path of `redirectUri` */
  readonly path?: string;
}

const LOGIN_CONTROLLER_KEYS: OptionKeys<LoginControllerOptions> = {
  userOf: 'function',
  returnTo: 'name',
  path: 'name',
};

/** What ends logins. */
interface LoginEnd {
  finish(query: URLSearchParams, user: string): Promise<void>;
}

/** What Express and Fastify have of a request. */
interface BrowserRequest {
  readonly originalUrl?: string;
  readonly url: string;
}

/**
 * A controller for the redirect URI, and for the metadata document where that is
 * of the same origin.
 *
 * @throws Error naming the option, its value and the remedy
 */
export function loginController(
  login: LoginEnd,
  client: LoginClient,
  options: LoginControllerOptions,
): Type<unknown> {
  checkOptions(
    'AuthorizationCodeAuth.controller(…)',
    options,
    LOGIN_CONTROLLER_KEYS,
  );
  const { userOf, returnTo } = options;
  if (typeof userOf !== 'function') {
    throw new Error(
      `AuthorizationCodeAuth.controller(): userOf is ${shown(userOf)}. Give a function that tells whom a browser belongs to, such as (request) => request.session.userId.`,
    );
  }
  const { clientMetadataUrl } = client;
  const redirectUri = new URL(client.redirectUri);
  const documentUrl =
    clientMetadataUrl === undefined ? undefined : new URL(clientMetadataUrl);
  const document = {
    client_id: clientMetadataUrl,
    ...resolveClientMetadata({
      redirectUrl: client.redirectUri,
      clientMetadata: clientMetadataOf(client),
    }),
  };

  @Controller()
  class McpLoginController {
    @Get(options.path ?? redirectUri.pathname)
    // The URL has a code, and a state.
    @Header('Cache-Control', 'no-store')
    @Header('Referrer-Policy', 'no-referrer')
    @Header('Content-Type', 'text/plain; charset=utf-8')
    async callback(@Req() request: BrowserRequest): Promise<string> {
      const { searchParams } = new URL(
        request.originalUrl ?? request.url,
        redirectUri,
      );
      const user = await userOf(request as never);
      try {
        await login.finish(searchParams, user ?? '');
      } catch (error) {
        if (error instanceof McpClientError) {
          throw new BadRequestException(error.message);
        }
        throw error;
      }
      return 'You are logged in. You can close this page.';
    }

    document(): object {
      return document;
    }
  }
  const decorate = (
    method: 'callback' | 'document',
    decorator: MethodDecorator,
  ): void => {
    const { prototype } = McpLoginController;
    const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
    decorator(prototype, method, descriptor ?? {});
  };
  if (returnTo !== undefined) {
    decorate('callback', Redirect(returnTo, 303));
  }
  if (documentUrl?.origin === redirectUri.origin) {
    decorate('document', Get(documentUrl.pathname));
  }
  return McpLoginController;
}
