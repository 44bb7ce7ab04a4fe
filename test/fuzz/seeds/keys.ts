/** Public keys without anybody who has the private ones: the same in every run, so that kept inputs stay what they are. */
import { fromBase64 } from "#shared/kernel/bytes";

/** SubjectPublicKeyInfo, DER. */
export const spkis = {
  root: fromBase64(
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOKA5odroYw2qXO4c0eZO93UcCdpftr2K8mF1DnmYcpeKL6kqITEkPgo13xjUnzaybfOBigf+VX0//D4F/WDm4g==",
  ),
  ca: fromBase64(
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/ik5lN6x765Etr1/hB5TH48gOeCGBhp/xVGdEIfxae/YB7WdF9whoYFmbU+ZDGiDTxadHu0MjK2d5SjdKMwAQg==",
  ),
  ocsp: fromBase64(
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAET/nxw1EGTK6XwZmhuHuEFDdrIiTIVjJn7AFPdIHA4cU48vaiE+X/6sAU+HoXaps+FL9rsERC7UmcRfoXCZStHA==",
  ),
  leaf: fromBase64(
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEhEMuLd82OVv1LFfF/dUoHtGv1iTKTjiyrY8KIg/f55hh7RkpleLvo8rj3PNIzsQMmlkdyHKEzBXCo+gIs47J+w==",
  ),
  p384: fromBase64(
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAETWvpSGORopveZxtO6KdVGq7oojJK3X1sABB5FtDCQR42bPqhiZDn1BmTnP++D4kYgwHESgLtVr1JCeexfASupaJSqzmpr5jpxzJ93B0qbJEc8QVyLqwfKk01meKIQyvE",
  ),
  p521: fromBase64(
    "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAnF4aVBPx9yby0BwwyZMcTxZ6VcKD75zX3doyKxaSJxlwxeeuKoQX4KEbi5J0p9xXGKbfy+Ji33l+zGPHiJRUdgwA3GvyoGG0MHGsiYHRapvX24LpopfMRa97/1c+ovyEGQmEHntk4VJvWz6fVoVMYnX+PX0zeiMgOR+0z0hEH1E7ci8=",
  ),
  rsa: fromBase64(
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAt+KM9ft9zYFHyy9VjooOaCyjM9aBmAf653H9+fHfaKOnqfHNbS3G1BeF+LYxtMWydMYF/YEQFKyHIFu/15W7EFXzxxYxHwW2BuWVBOx/J4On3dAd2TLEFDr3aCLhr1nMdL+Ew5TWvs/qJOfZ85fLaCN1JnLJGRTtTppkYatvcO09Q4ALtQcsfdhZ/leVnY8MxS5fqq0+TCUzNS9aT69+ucmROS2FPDlaOGmQm5vjkubVG+XH0J204WO7z5miI8mpHJv7TXBwL79UBoX9pV04qnf7oQDHKhH+IyT0yI6givWzRKFiwFNzpo89jwgxLsQox3dvPMm70QQfzNLZKBtrqwIDAQAB",
  ),
  ed25519: fromBase64("MCowBQYDK2VwAyEAdP+B1EN5Due608UTmkFYy6Zown3ZuoBgSrvTskLLmTk="),
} as const;
