/** What this application has from the company's identity provider. */
export interface CompanyLogin {
  readonly issuer: string;
  /** What tokens for this API name in `aud`. */
  readonly audience: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Injection token of {@link CompanyLogin}. */
export const COMPANY_LOGIN = 'company-login';
