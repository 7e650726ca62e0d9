//! Where machine code is kept from one process to the next.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::Config;

/// A folder for machine code; see [`Config::cache`].
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    /// The limit that it has of its own.
    limit: Option<u64>,
}

/// Settings of a [`Cache`].
#[derive(Clone, Debug, Default)]
pub struct CacheConfig {
    folder: Option<PathBuf>,
    limit: Option<u64>,
}

impl CacheConfig {
    /// The defaults: the folder `riser` in the user's cache folder, with the limit of [`Config::cache_limit`].
    pub fn new() -> CacheConfig {
        CacheConfig::default()
    }

    /// The folder.
    pub fn with_directory(&mut self, folder: impl Into<PathBuf>) -> &mut CacheConfig {
        self.folder = Some(folder.into());
        self
    }

    /// The limit, in bytes, on all files together, in place of [`Config::cache_limit`].
    pub fn with_files_total_size_soft_limit(&mut self, bytes: u64) -> &mut CacheConfig {
        self.limit = Some(bytes);
        self
    }
}

impl Cache {
    /// A cache with these settings.
    ///
    /// # Errors
    ///
    /// If there is no folder among them, and the user has none for caches: neither `XDG_CACHE_HOME` nor `HOME` is set.
    pub fn new(config: CacheConfig) -> Result<Cache> {
        let CacheConfig { folder, limit } = config;
        Ok(Cache { folder: folder.map_or_else(users_folder, Ok)?, limit })
    }

    /// A cache with default settings. There are no files of settings.
    ///
    /// # Errors
    ///
    /// If a file is given; those of [`Cache::new`].
    pub fn from_file(file: Option<&Path>) -> Result<Cache> {
        if let Some(file) = file {
            bail!("{}: settings of caches are not read from files; set them with `CacheConfig`", file.display());
        }
        Cache::new(CacheConfig::new())
    }

    /// The folder.
    pub fn directory(&self) -> &PathBuf {
        &self.folder
    }

    /// The limit, in bytes, on all files together.
    pub(crate) fn limit(&self, config: &Config) -> u64 {
        self.limit.unwrap_or(config.cache_limit)
    }
}

/// The folder for Riser's files in the user's cache folder.
fn users_folder() -> Result<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    Ok(base.context("there is no folder for a cache: neither XDG_CACHE_HOME nor HOME is set")?.join("riser"))
}

/// What a configuration can be given as its cache: a [`Cache`], `None` for no cache, or a folder.
pub trait IntoCache {
    /// Puts the cache into a configuration.
    #[doc(hidden)]
    fn put(self, config: &mut Config);
}

impl IntoCache for Option<Cache> {
    fn put(self, config: &mut Config) {
        config.cache = self;
    }
}

/// `impl IntoCache for PathBuf`: a folder.
macro_rules! folders {
    ($($Type:ty),*) => {$(
        impl IntoCache for $Type {
            fn put(self, config: &mut Config) {
                config.cache = Some(Cache { folder: self.into(), limit: None });
            }
        }
    )*};
}

folders!(PathBuf, &PathBuf, &Path, String, &str);
