import { type DynamicModule, Global, Module } from '@nestjs/common';
import { COMPANY_LOGIN, type CompanyLogin } from './company-login.interface.js';

/** Tells the guard whose tokens to take. */
@Global()
@Module({})
export class AuthModule {
  static register(login: CompanyLogin): DynamicModule {
    return {
      module: AuthModule,
      providers: [{ provide: COMPANY_LOGIN, useValue: login }],
      exports: [COMPANY_LOGIN],
    };
  }
}
