import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { COMPANY_LOGIN, type CompanyLogin } from './company-login.interface.js';
import type { Employee } from './employee.interface.js';

interface GuardedRequest {
  readonly headers: { readonly authorization?: string };
  employee?: Employee;
}

/**
 * Takes access tokens of the company's identity provider, and no others. It was
 * there before MCP, and knows nothing of it.
 */
@Injectable()
export class CompanyTokenGuard implements CanActivate {
  private readonly keys: ReturnType<typeof createRemoteJWKSet>;

  constructor(@Inject(COMPANY_LOGIN) private readonly login: CompanyLogin) {
    this.keys = createRemoteJWKSet(new URL(`${login.issuer}/jwks`));
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    const [, token = ''] =
      /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    request.employee = { id: await this.subjectOf(token) };
    return true;
  }

  private async subjectOf(token: string): Promise<string> {
    const { issuer, audience } = this.login;
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        issuer,
        audience,
        algorithms: ['RS256'],
        requiredClaims: ['sub', 'exp'],
      });
      return payload.sub ?? '';
    } catch {
      throw new UnauthorizedException('The company does not know this token.');
    }
  }
}
