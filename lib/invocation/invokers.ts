import { Injectable } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { McpApplication } from '../platform/mcp-application.js';
import { ProviderInvoker } from './provider/provider.invoker.js';
import { RouteInvoker } from './route/route.invoker.js';

/** Calls the application for one server: one invoker for routes, one for providers. */
@Injectable()
export class Invokers {
  readonly providers: ProviderInvoker;
  private routeInvoker: RouteInvoker | undefined;

  constructor(
    private readonly application: McpApplication,
    contexts: ExternalContextCreator,
  ) {
    this.providers = new ProviderInvoker(contexts);
  }

  /**
   * Made when first asked for: the adapter's routes must be registered by then.
   *
   * @throws Error for an adapter without a server of node:http
   */
  get routes(): RouteInvoker {
    return (this.routeInvoker ??= new RouteInvoker(this.application.platform));
  }

  /**
   * The candidates that this application can call. An application context has
   * no HTTP: its routes are left out, with a warning.
   *
   * @param plural what the candidates are: `tools`
   */
  callable<C>(
    candidates: readonly C[],
    isRoute: (candidate: C) => boolean,
    plural: string,
    warn: (message: string) => void,
  ): readonly C[] {
    if (this.application.hasHttp) {
      return candidates;
    }
    const callable = candidates.filter((each) => !isRoute(each));
    if (callable.length < candidates.length) {
      warn(
        `${candidates.length - callable.length} ${plural} are routes, and this ` +
          'application has no HTTP. Create it by NestFactory.create() to serve them.',
      );
    }
    return callable;
  }
}
