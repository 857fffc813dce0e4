# Finds mbedTLS 2.28 or 3.x as Debian, OpenWrt and Raspberry Pi OS install it; or builds it from the
# source in OBSERVATORY_MBEDTLS_SOURCE with the options of mbedtls_config.h.
# Defines MbedTLS::mbedtls (TLS, X.509 and crypto together).
set(OBSERVATORY_MBEDTLS_SOURCE "" CACHE PATH "Source of mbedTLS to build in; else it is looked for")

if(OBSERVATORY_MBEDTLS_SOURCE)
  if(NOT TARGET MbedTLS::mbedtls)
    file(GLOB sources ${OBSERVATORY_MBEDTLS_SOURCE}/library/*.c)
    add_library(bundled_mbedtls STATIC ${sources} ${CMAKE_CURRENT_LIST_DIR}/mbedtls_sha1.c)
    target_include_directories(bundled_mbedtls SYSTEM PUBLIC ${OBSERVATORY_MBEDTLS_SOURCE}/include)
    target_include_directories(bundled_mbedtls PUBLIC ${CMAKE_CURRENT_LIST_DIR}
      PRIVATE ${OBSERVATORY_MBEDTLS_SOURCE}/library)
    target_compile_definitions(bundled_mbedtls PUBLIC
      MBEDTLS_CONFIG_FILE="${CMAKE_CURRENT_LIST_DIR}/mbedtls_config.h")
    target_compile_options(bundled_mbedtls PRIVATE -w -ffunction-sections -fdata-sections
      -ffile-prefix-map=${OBSERVATORY_MBEDTLS_SOURCE}=mbedtls)
    # Where small code is slow code, the loops of cryptography stay as they are.
    foreach(name bignum_core sha256 aes gcm chacha20 poly1305)
      set_source_files_properties(${OBSERVATORY_MBEDTLS_SOURCE}/library/${name}.c
        PROPERTIES COMPILE_OPTIONS "${device_fast_code}")
    endforeach()
    # Nor does a client without a certificate need what is done with private keys.
    foreach(name pk_wrap ssl_cli ssl_tls ssl_tls12_client ssl_tls13_client ssl_tls13_generic)
      set_source_files_properties(${OBSERVATORY_MBEDTLS_SOURCE}/library/${name}.c
        PROPERTIES COMPILE_OPTIONS "-include;mbedtls_no_own_key.h")
    endforeach()
    set_source_files_properties(${OBSERVATORY_MBEDTLS_SOURCE}/library/rsa.c
      PROPERTIES COMPILE_OPTIONS "-include;mbedtls_no_private_rsa.h")
    add_library(MbedTLS::mbedtls ALIAS bundled_mbedtls)
  endif()
  set(MbedTLS_FOUND TRUE)
  return()
endif()

find_path(MbedTLS_INCLUDE_DIR mbedtls/ssl.h)
find_library(MbedTLS_TLS_LIBRARY mbedtls)
find_library(MbedTLS_X509_LIBRARY mbedx509)
find_library(MbedTLS_CRYPTO_LIBRARY mbedcrypto)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MbedTLS
  REQUIRED_VARS MbedTLS_TLS_LIBRARY MbedTLS_X509_LIBRARY MbedTLS_CRYPTO_LIBRARY MbedTLS_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Debian and Ubuntu: apt-get install libmbedtls-dev")
if(MbedTLS_FOUND AND NOT TARGET MbedTLS::mbedtls)
  add_library(MbedTLS::mbedtls INTERFACE IMPORTED)
  set_target_properties(MbedTLS::mbedtls PROPERTIES
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${MbedTLS_INCLUDE_DIR}"
    INTERFACE_INCLUDE_DIRECTORIES "${MbedTLS_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${MbedTLS_TLS_LIBRARY};${MbedTLS_X509_LIBRARY};${MbedTLS_CRYPTO_LIBRARY}")
endif()
