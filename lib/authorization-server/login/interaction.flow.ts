import type { Logger } from '@nestjs/common';
import type Provider from 'oidc-provider';
import { ENDPOINTS } from '../endpoints/server-routes.js';
import { formOf, type OAuthRequest } from '../endpoints/oauth.request.js';
import { StoreUnavailableError } from '../storage/store.errors.js';
import type { UpstreamFlow } from '../upstream/upstream.flow.js';
import {
  UpstreamRefusedError,
  UpstreamUnavailableError,
} from '../upstream/upstream.provider.js';
import { leaveOtherAccount, remainingSeconds } from './login.step.js';
import type { BrowserCookie } from './browser-cookie.js';
import { ConsentStep, type PendingRequest } from './consent.step.js';
import type { LoginStep } from './login.step.js';
import { InteractionError } from './interaction-failure.js';
import { failureForClient, interactionFailure } from './interaction-failure.js';
import type { PageResponder } from './page.responder.js';
import type { DisplayNames } from './remembered-consents.js';

/** What the flow works with. */
interface InteractionParts {
  readonly provider: Provider;
  readonly issuer: string;
  readonly basePath: string;
  /** Present where people log in here. */
  readonly login: LoginStep | undefined;
  /** Present where they log in elsewhere. */
  readonly upstream:
    | {
        readonly name: string;
        readonly flow: UpstreamFlow;
        readonly redirectUri: string;
      }
    | undefined;
  readonly binding: BrowserCookie;
  readonly consent: ConsentStep;
  readonly people: DisplayNames;
  readonly responder: PageResponder;
  readonly logger: Logger;
}

const PAGE = new RegExp(`^${ENDPOINTS.interaction}/([\\w-]+)$`);

/**
 * Leads a person from an authorization request to the hand-over: login, here
 * or at the identity provider, and consent. With an identity provider, consent
 * comes before the browser is sent there (MCP Security Best Practices,
 * "Confused Deputy Problem"), and is good for this one login.
 */
export class InteractionFlow {
  constructor(private readonly parts: InteractionParts) {}

  /** @returns whether the request was one of the flow's, and is answered */
  async handle(exchange: OAuthRequest): Promise<boolean> {
    const [path = ''] = exchange.url.split('?', 1);
    const uid = PAGE.exec(path)?.[1];
    if (uid === undefined && path !== ENDPOINTS.callback) {
      return false;
    }
    try {
      await (uid === undefined
        ? this.comeBack(exchange)
        : this.page(exchange, uid));
    } catch (error) {
      this.fail(exchange, error);
    }
    return true;
  }

  private async page(exchange: OAuthRequest, uid: string): Promise<void> {
    const pending = await this.pending(exchange, uid);
    if (exchange.request.method === 'GET') {
      return this.show(exchange, pending);
    }
    const form = formOf(exchange);
    if (
      exchange.request.method !== 'POST' ||
      !this.parts.binding.isGenuine(exchange.request, uid, form['csrf'])
    ) {
      throw new InteractionError(403, 'This form was not sent from its page.');
    }
    const { login } = this.parts;
    return pending.prompt === 'login' && login
      ? this.logIn(exchange, pending, form, login)
      : this.decide(exchange, pending, form);
  }

  private async show(
    exchange: OAuthRequest,
    pending: PendingRequest,
    before: { readonly failed?: boolean; readonly waitSeconds?: number } = {},
  ): Promise<void> {
    const { binding, login, responder, upstream } = this.parts;
    const browser = binding.identify(exchange.request, exchange.response);
    const csrf = binding.csrfToken(browser, pending.uid);
    const { clientName } = pending;
    if (pending.prompt === 'login' && login) {
      responder.login(exchange.response, {
        csrf,
        clientName,
        fields: login.fields,
        failed: false,
        ...before,
      });
      return;
    }
    const view = this.parts.consent.describe(pending, {
      displayName:
        pending.subject && (await this.parts.people.nameOf(pending.subject)),
      providerName: pending.prompt === 'login' ? upstream?.name : undefined,
    });
    responder.consent(exchange.response, { ...view, csrf });
  }

  private async logIn(
    exchange: OAuthRequest,
    pending: PendingRequest,
    form: Record<string, string>,
    login: LoginStep,
  ): Promise<void> {
    const { csrf: _csrf, ...fields } = form;
    const attempt = await login.attempt(pending, fields, exchange.address);
    if (attempt.outcome === 'slowed') {
      return this.show(exchange, pending, { waitSeconds: attempt.wait });
    }
    if (attempt.outcome === 'failed') {
      return this.show(exchange, pending, { failed: true });
    }
    if (attempt.outcome === 'ended') {
      await (
        await this.parts.provider.Interaction.find(pending.uid)
      )?.destroy();
      throw new InteractionError(
        403,
        'Too often, what was entered did not match, so this login has ended.',
      );
    }
    const { person } = attempt;
    await this.parts.people.meet(person);
    const { provider } = this.parts;
    const { request, response } = exchange;
    await leaveOtherAccount(
      provider,
      await provider.interactionDetails(request, response),
      person.subject,
    );
    return this.finish(exchange, { login: { accountId: person.subject } });
  }

  private async decide(
    exchange: OAuthRequest,
    pending: PendingRequest,
    form: Record<string, string>,
  ): Promise<void> {
    const { consent, upstream, binding, responder } = this.parts;
    if (form['decision'] !== 'allow') {
      return this.finish(exchange, {
        error: 'access_denied',
        error_description: 'The person did not agree',
      });
    }
    if (pending.subject !== undefined) {
      const grantId = await consent.grant(
        pending,
        pending.subject,
        form['remember'] !== undefined,
      );
      return this.finish(exchange, { consent: { grantId } });
    }
    if (!upstream) {
      throw new InteractionError(400, 'Nobody is logged in.');
    }
    const url = await upstream.flow.begin({
      interaction: pending.uid,
      browser: binding.identify(exchange.request, exchange.response),
      redirectUri: upstream.redirectUri,
    });
    responder.forward(
      exchange.response,
      url.href,
      'You are being taken to your login.',
    );
  }

  /** The identity provider has sent the browser back. */
  private async comeBack(exchange: OAuthRequest): Promise<void> {
    const { upstream, binding, consent, provider, people } = this.parts;
    if (!upstream) {
      throw new InteractionError(404, 'There is no login under way.');
    }
    const { origin } = new URL(this.parts.issuer);
    const login = await upstream.flow.finish({
      callback: new URL(`${origin}${this.parts.basePath}${exchange.url}`),
      browser: binding.read(exchange.request),
    });
    const interaction = await provider.Interaction.find(login.interaction);
    if (!interaction) {
      throw new InteractionError(400, 'This login has expired.');
    }
    if ('failure' in login) {
      this.parts.logger.warn(login.failure.message);
      interaction.result = failureForClient(login.failure);
    } else {
      const { person } = login;
      await people.meet(person);
      await leaveOtherAccount(provider, interaction, person.subject);
      const pending = consent.pendingOf(interaction);
      const grantId = await consent.grant(pending, person.subject, false);
      interaction.result = {
        login: { accountId: person.subject },
        consent: { grantId },
      };
    }
    await interaction.save(remainingSeconds(interaction));
    redirect(exchange, interaction.returnTo);
  }

  private async pending(
    { request, response }: OAuthRequest,
    uid: string,
  ): Promise<PendingRequest> {
    const interaction = await this.parts.provider
      .interactionDetails(request, response)
      .catch((error: unknown) => {
        if (error instanceof StoreUnavailableError) {
          throw error;
        }
        return undefined;
      });
    if (interaction?.uid !== uid) {
      throw new InteractionError(
        400,
        'This login has expired, or was begun in another browser.',
      );
    }
    const client = await this.parts.provider.Client.find(
      String(interaction.params['client_id']),
    );
    return this.parts.consent.pendingOf(interaction, client?.clientName);
  }

  private async finish(
    exchange: OAuthRequest,
    result: Parameters<Provider['interactionResult']>[2],
  ): Promise<void> {
    const { request, response } = exchange;
    const { provider, responder } = this.parts;
    const url = await provider.interactionResult(request, response, result, {
      mergeWithLastSubmission: true,
    });
    responder.forward(
      response,
      url,
      'You are being taken further. Where nothing happens, go back to your program.',
    );
  }

  private fail({ response }: OAuthRequest, error: unknown): void {
    const { responder } = this.parts;
    const [status, message] = interactionFailure(error);
    this.log(error);
    if (status === 503) {
      response.setHeader('Retry-After', '30');
    }
    responder.error(response, status, {
      title: 'This login cannot go on',
      message: `${message} Go back to your application and start again.`,
    });
  }

  /** What anybody can bring about leaves no line that anybody is woken by, and no stack. */
  private log(error: unknown): void {
    const { logger } = this.parts;
    if (error instanceof UpstreamRefusedError) {
      logger.debug(error.message);
    } else if (error instanceof UpstreamUnavailableError) {
      logger.error(error.message);
    } else if (!(error instanceof InteractionError)) {
      logger.error(error);
    }
  }
}

function redirect({ response }: OAuthRequest, location: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store' });
  response.end();
}
