import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import type { AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import { loadJose } from '../../platform/optional-packages.js';
import { ENDPOINTS } from '../endpoints/server-routes.js';
import type { StepUps } from '../step-ups.js';
import type {
  RefreshAnswers,
  RefreshClaim,
} from '../storage/refresh.answers.js';
import { StoreUnavailableError } from '../storage/store.errors.js';

/** What is known of a request to the token endpoint while it runs. */
interface TokenRequest {
  /** Of the refresh token that was found. */
  grantId?: string | undefined;
  claim?: RefreshClaim;
  repeated?: KeptAnswer;
}

/** The answer to a refresh, and what was asked. */
interface KeptAnswer {
  readonly asked: string;
  readonly body: unknown;
}

/**
 * Rotates refresh tokens (RFC 9700, section 4.14.2) without logging out a client
 * that sends one twice: at once, from two processes, or because the answer was
 * lost. The provider checks client, proof of possession, scope and grant of
 * every request; of those that come through, all get the answer of the first.
 */
export class RefreshRotation {
  private readonly requests = new AsyncLocalStorage<TokenRequest>();

  constructor(
    private readonly answers: RefreshAnswers,
    private readonly stepUps: StepUps,
  ) {}

  /** Keeps a new refresh token. */
  open(
    id: string,
    payload: AdapterPayload,
    lifetime: number | undefined,
  ): Promise<void> {
    return this.answers.open(id, payload, lifetime);
  }

  remove(id: string): Promise<void> {
    return this.answers.remove(id);
  }

  /** A record as the provider gets it: one whose answer is repeated, as if it were unused. */
  present({ answer: _answer, ...payload }: AdapterPayload): AdapterPayload {
    const request = this.requests.getStore();
    if (request) {
      request.grantId = payload.grantId;
    }
    if (request && this.answers.isRepeatable(payload)) {
      const { consumed: _consumed, ...unused } = payload;
      return unused;
    }
    return payload;
  }

  /**
   * Whether the provider may answer for a refresh token, has it answered
   * already, or has to end its grant.
   *
   * @throws InteractionRequired where the client is to get more scopes
   * @throws StoreUnavailableError where the one who answers does not come to an end
   */
  async consume(id: string): Promise<'first' | 'repeated' | 'reused'> {
    const request = this.requests.getStore();
    if (request?.grantId !== undefined) {
      await this.stepUps.check(request.grantId);
    }
    const outcome = await this.answers.claim(id);
    if (request && 'answer' in outcome) {
      request.repeated = outcome.answer as KeptAnswer;
      return 'repeated';
    }
    if (request && 'claim' in outcome) {
      request.claim = outcome.claim;
      return 'first';
    }
    return 'reused';
  }

  /** Around the provider's token endpoint. */
  middleware() {
    return (
      context: KoaContextWithOIDC,
      next: () => Promise<void>,
    ): Promise<void> => {
      if (context.path !== ENDPOINTS.token) {
        return next();
      }
      const request: TokenRequest = {};
      return this.requests.run(request, async () => {
        await next();
        await this.settle(context, request);
      });
    };
  }

  private async settle(
    context: KoaContextWithOIDC,
    { claim, repeated }: TokenRequest,
  ): Promise<void> {
    if (repeated) {
      // Another scope, resource or key: that answer is none to this.
      if (repeated.asked === (await whatIsAsked(context))) {
        context.status = 200;
        context.body = repeated.body;
      }
      return;
    }
    if (!claim) {
      return;
    }
    if (context.status !== 200) {
      return this.answers.giveBack(claim);
    }
    const answer: KeptAnswer = {
      asked: await whatIsAsked(context),
      body: context.body,
    };
    try {
      await this.answers.commit(claim, answer);
    } catch (error) {
      await this.answers.giveBack(claim);
      throw error instanceof StoreUnavailableError
        ? error
        : new StoreUnavailableError({ cause: error });
    }
  }
}

/** Hash of what the tokens of an answer depend on, beside the refresh token. */
async function whatIsAsked(context: KoaContextWithOIDC): Promise<string> {
  const { scope, resource } = context.oidc.params ?? {};
  const proof = context.get('DPoP');
  const key = proof && (await keyOf(proof));
  return createHash('sha256')
    .update(JSON.stringify([scope ?? null, resource ?? null, key]))
    .digest('base64url');
}

/** Thumbprint of the key of a proof (RFC 9449, section 4.2) that the provider has verified. */
async function keyOf(proof: string): Promise<string> {
  const { calculateJwkThumbprint, decodeProtectedHeader } = await loadJose();
  return calculateJwkThumbprint(decodeProtectedHeader(proof).jwk as JWK);
}
