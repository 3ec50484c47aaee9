"""What Feishu and WeCom encrypt their calls with: AES-256-CBC with padding. It hides, and proves nothing by itself."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

_AES_BLOCK = 16


def decrypted(key: bytes, initial: bytes, data: bytes, *, padded_to: int = _AES_BLOCK) -> bytes:
    """The text; raises ValueError where this key did not encrypt it."""
    if not data or len(data) % _AES_BLOCK:
        message = "expected whole blocks"
        raise ValueError(message)
    decryptor = Cipher(algorithms.AES256(key), modes.CBC(initial)).decryptor()
    padded = decryptor.update(data) + decryptor.finalize()
    unpadder = PKCS7(padded_to * 8).unpadder()
    return unpadder.update(padded) + unpadder.finalize()


def encrypted(key: bytes, initial: bytes, text: bytes, *, padded_to: int = _AES_BLOCK) -> bytes:
    """The opposite of `decrypted`."""
    padder = PKCS7(padded_to * 8).padder()
    padded = padder.update(text) + padder.finalize()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(initial)).encryptor()
    return encryptor.update(padded) + encryptor.finalize()
