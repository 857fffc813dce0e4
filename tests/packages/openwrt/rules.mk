# As much of OpenWrt's rules.mk, package.mk and cmake.mk as the tests need: reads the package's
# Makefile, demands what OpenWrt demands, and offers what the SDK would do as targets.
#
#   TOPDIR: this folder; DL_DIR, BUILD_DIR: where the test wants them; ROOT: for `install`

INCLUDE_DIR:=$(TOPDIR)
PKG_BUILD_DIR=$(BUILD_DIR)/$(PKG_NAME)-$(PKG_VERSION)
PKG_INSTALL_DIR=$(PKG_BUILD_DIR)/ipkg-install
CP:=cp -fpR
INSTALL_DIR:=install -d -m0755
INSTALL_BIN:=install -m0755
INSTALL_CONF:=install -m0600
INSTALL_DATA:=install -m0644

# What package.mk and package-defaults.mk of OpenWrt look at before they start.
define BuildPackage
$(eval $(Package/$(1)))
$(foreach field,PKG_NAME PKG_VERSION PKG_RELEASE PKG_LICENSE PKG_MAINTAINER TITLE CATEGORY SECTION,\
  $(if $($(field)),,$(error Package/$(1) is missing the $(field) field)))
$(if $(value Package/$(1)/description),,$(error Package/$(1) has no description))
$(if $(value Package/$(1)/install),,$(error Package/$(1) has no install))
endef

define Download
$(eval $(Download/$(1)))
$(foreach field,FILE URL HASH,\
  $(if $($(field)),,$(error Download/$(1) is missing the $(field) field)))
$(eval DOWNLOADS+=$(1))
endef

.PHONY: facts download prepare install
.DEFAULT_GOAL:=facts

facts:
	@$(foreach name,PKG_NAME PKG_VERSION PKG_RELEASE PKG_LICENSE PKG_LICENSE_FILES PKG_MAINTAINER \
	  PKG_BUILD_FLAGS SECTION CATEGORY TITLE DEPENDS USERID CMAKE_OPTIONS,echo '$(name)=$($(name))';)
	@echo 'CONFFILES=$(strip $(Package/electrum-probe/conffiles))'

download:
	@echo '$(FILE) $(URL_FILE) $(HASH)'

prepare:
	$(Build/Prepare)

install:
	$(call Package/electrum-probe/install,$(ROOT))
