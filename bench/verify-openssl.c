// The same work as `kazasu-bench verify`, by OpenSSL: parse a certificate, chain it to the authority that is kept, with its policy and
// at a given time, and check a signature of its key over a message. Prints the nanoseconds of one, the best of all rounds.
//
// verify-openssl ROUNDS FOLDER
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static unsigned char *read_file(const char *folder, const char *name, long *length) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(1); }
    unsigned char *bytes = malloc(65536);
    *length = (long)fread(bytes, 1, 65536, file);
    fclose(file);
    return bytes;
}

static void must(int right, const char *what) {
    if (right != 1) { fprintf(stderr, "verify-openssl: %s\n", what); exit(1); }
}

int main(int count, char **arguments) {
    must(count == 3, "usage: verify-openssl ROUNDS FOLDER");
    const char *folder = arguments[2];
    long certificate_length, authority_length, message_length, signature_length;
    unsigned char *certificate = read_file(folder, "certificate", &certificate_length);
    const unsigned char *authority = read_file(folder, "authority", &authority_length);
    unsigned char *message = read_file(folder, "message", &message_length);
    unsigned char *signature = read_file(folder, "signature", &signature_length);

    X509_STORE *store = X509_STORE_new();
    must(X509_STORE_add_cert(store, d2i_X509(NULL, &authority, authority_length)), "the authority");
    X509_VERIFY_PARAM *parameters = X509_STORE_get0_param(store);
    X509_VERIFY_PARAM_set_time(parameters, 1795132800);
    X509_VERIFY_PARAM_add0_policy(parameters, OBJ_txt2obj("1.2.392.200149.8.5.1.0.30", 1));
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_EXPLICIT_POLICY | X509_V_FLAG_POLICY_CHECK);

    long best = -1;
    for (int round = 0; round < atoi(arguments[1]); round++) {
        struct timespec begin, end;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        const unsigned char *from = certificate;
        X509 *parsed = d2i_X509(NULL, &from, certificate_length);
        X509_STORE_CTX *chain = X509_STORE_CTX_new();
        must(X509_STORE_CTX_init(chain, store, parsed, NULL), "a context");
        must(X509_verify_cert(chain), "the chain");
        EVP_MD_CTX *check = EVP_MD_CTX_new();
        must(EVP_DigestVerifyInit(check, NULL, EVP_sha256(), NULL, X509_get0_pubkey(parsed)), "the key");
        must(EVP_DigestVerify(check, signature, signature_length, message, message_length), "the signature");
        EVP_MD_CTX_free(check);
        X509_STORE_CTX_free(chain);
        X509_free(parsed);
        clock_gettime(CLOCK_MONOTONIC, &end);
        long took = (end.tv_sec - begin.tv_sec) * 1000000000L + (end.tv_nsec - begin.tv_nsec);
        if (best < 0 || took < best) best = took;
    }
    printf("%ld\n", best);
    return 0;
}
