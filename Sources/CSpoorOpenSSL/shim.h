/* The parts of OpenSSL 3 that Spoor uses, and names for what OpenSSL itself gives only as macros, which Swift cannot
 * call. No code of our own beyond that.
 */
#ifndef SPOOR_COPENSSL_SHIM_H
#define SPOOR_COPENSSL_SHIM_H

#if !__has_include(<openssl/ssl.h>)
#error "Spoor needs the headers of OpenSSL 3 for TLS: install libssl-dev (Debian, Ubuntu) or openssl-devel (Fedora)"
#endif

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/opensslv.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#if OPENSSL_VERSION_MAJOR < 3
#error "Spoor needs OpenSSL 3 for TLS; these headers are of an older version"
#endif

/* Contexts */

static inline int spoor_ctx_set_versions(SSL_CTX *context, int minimum, int maximum) {
    return SSL_CTX_set_min_proto_version(context, minimum) == 1
        && SSL_CTX_set_max_proto_version(context, maximum) == 1;
}

/* The modes for streams that never block; see SSL_CTX_set_mode(3) and SSL_CTX_set_read_ahead(3). */
static inline void spoor_ctx_set_modes(SSL_CTX *context) {
    SSL_CTX_set_mode(
        context,
        SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS
            | SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(context, 1);
}

static inline void spoor_ctx_set_options(SSL_CTX *context) {
    SSL_CTX_clear_options(
        context,
        SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION | SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_options(
        context,
        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
            | SSL_OP_PRIORITIZE_CHACHA);
}

static inline int spoor_ctx_set_groups(SSL_CTX *context, const char *list) {
    return (int)SSL_CTX_set1_groups_list(context, list);
}

static inline int spoor_ctx_set_signature_algorithms(SSL_CTX *context, const char *list) {
    return (int)SSL_CTX_set1_sigalgs_list(context, list);
}

static inline void spoor_ctx_set_session_cache(SSL_CTX *context, long mode, long size) {
    SSL_CTX_set_session_cache_mode(context, mode);
    SSL_CTX_sess_set_cache_size(context, size);
}

/* Takes a reference of its own. */
static inline int spoor_ctx_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline void spoor_ctx_set_server_name_callback(
    SSL_CTX *context, int (*callback)(SSL *, int *, void *), void *argument) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
    SSL_CTX_set_tlsext_servername_arg(context, argument);
}

/* Connections */

static inline int spoor_ssl_set_server_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}

/* BIOs */

static inline void spoor_bio_retry_read(BIO *bio) {
    BIO_clear_retry_flags(bio);
    BIO_set_retry_read(bio);
}

static inline void spoor_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

static inline long spoor_bio_memory(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

/* Certificates */

/* RFC 4514 text, with characters beyond ASCII as UTF-8. */
static inline int spoor_print_name(BIO *bio, const X509_NAME *name) {
    return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

static inline int spoor_general_name_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }

/* The kind (GEN_DNS, GEN_URI, GEN_EMAIL, GEN_IPADD) and bytes of a name, or -1 for another kind. */
static inline int spoor_general_name_at(
    const GENERAL_NAMES *names, int index, const unsigned char **bytes, int *length) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
    const ASN1_STRING *string;
    switch (name->type) {
    case GEN_DNS: string = name->d.dNSName; break;
    case GEN_URI: string = name->d.uniformResourceIdentifier; break;
    case GEN_EMAIL: string = name->d.rfc822Name; break;
    case GEN_IPADD: string = name->d.iPAddress; break;
    default: return -1;
    }
    *bytes = ASN1_STRING_get0_data(string);
    *length = ASN1_STRING_length(string);
    return name->type;
}

/* A new key on the curve P-256. */
static inline EVP_PKEY *spoor_make_p256_key(void) { return EVP_EC_gen("P-256"); }

/* A new RSA key. */
static inline EVP_PKEY *spoor_make_rsa_key(unsigned int bits) { return EVP_RSA_gen(bits); }

/* Adds an extension in the text form of x509v3_config(5). */
static inline int spoor_add_extension(X509 *certificate, X509 *issuer, int kind, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&context);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    if (extension == NULL) return 0;
    int is_added = X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return is_added;
}

static inline void spoor_general_names_free(GENERAL_NAMES *names) { GENERAL_NAMES_free(names); }

#endif
