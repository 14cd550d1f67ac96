import { IsBoolean, IsString } from 'class-validator';

/** Forms that people fill in. An answer that does not fit is asked for again. */
export class NameAnswer {
  @IsString()
  name: string;
}

export class ColorAnswer {
  @IsString()
  color: string;
}

export class ConfirmAnswer {
  @IsBoolean()
  ok: boolean;
}

export class AccountAnswer {
  @IsString()
  username: string;

  @IsString()
  email: string;
}
