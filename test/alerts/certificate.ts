/** A certificate for localhost and 127.0.0.1, of these tests and of nothing else. */
const pem = (name: string, base64: string) =>
  `-----BEGIN ${name}-----\n${base64}\n-----END ${name}-----\n`

export const KEY = pem(
  'PRIVATE KEY',
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0NB1AuvJk22S5tOHUjkyHT/Uqmj1QYZLxokzc7do' +
    'd5ehRANCAASV78HBXnXVAHWKgCc+HAIxujmdo3OAWZoKZfN15gaCt6Xw5tXAr2Q26/lHfsUoThrRqqkpg50X13h4' +
    '8tzkUuqN',
)
/** Until 2100. */
export const CERTIFICATE = pem(
  'CERTIFICATE',
  'MIIBnDCCAUGgAwIBAgIUNbnILyk86fqYQIpkOUjEuEeI5vcwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxo' +
    'b3N0MCAXDTI2MTEzMDIyNTEyOVoYDzIxMDAxMTAyMjI1MTI5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcq' +
    'hkjOPQIBBggqhkjOPQMBBwNCAASV78HBXnXVAHWKgCc+HAIxujmdo3OAWZoKZfN15gaCt6Xw5tXAr2Q26/lHfsUo' +
    'ThrRqqkpg50X13h48tzkUuqNo28wbTAdBgNVHQ4EFgQUVWgVS30y2cofdhhlKA8OovaEft0wHwYDVR0jBBgwFoAU' +
    'VWgVS30y2cofdhhlKA8OovaEft0wDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEw' +
    'CgYIKoZIzj0EAwIDSQAwRgIhAJZTcxK8F28Ergt1Fx39lR1W22JQxAMsBTdM5Z3ANOS+AiEAmTS8cosJKyIxj7Pm' +
    'apT9IkyxDRilhdTeDbyZDCntAPs=',
)
