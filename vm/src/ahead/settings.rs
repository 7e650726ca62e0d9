//! What code was compiled with, and what it needs.

use riser_tiers_core::{Tier, layout};
use riser_translator::Proposal;

use super::bytes::{Reader, write_number, write_string};
use crate::Engine;

/// What code was compiled with, and what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The version of the engine.
    pub(super) engine: String,
    /// The hash of the layout of the structures that code reads and writes.
    pub(super) layout: u64,
    /// The tier that compiled it, by its name.
    pub(crate) tier: String,
    /// The tier's own settings, which do not matter to an engine that runs the code.
    pub(super) options: String,
    /// The features of the processor that code may use.
    pub(super) features: Vec<String>,
    /// The proposals that the module was allowed to use.
    pub(super) proposals: Vec<String>,
    /// Whether accesses to 32-bit memories are left to guard pages.
    pub(super) guard_pages: bool,
    /// Whether speculation is kept in bounds.
    pub(super) spectre_guards: bool,
    /// Whether relaxed vector operators have the results of the deterministic profile.
    pub(super) relaxed_simd_deterministic: bool,
    /// Whether code counts fuel.
    pub(super) fuel: bool,
    /// Whether code polls the interrupt flag.
    pub(super) epoch: bool,
    /// Whether code keeps copies of its frames for snapshots.
    pub(super) snapshots: bool,
}

impl Settings {
    /// Returns the settings of the code that `tier` makes for `engine`.
    pub(crate) fn of(engine: &Engine, tier: &dyn Tier) -> Settings {
        let config = engine.config();
        Settings {
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            layout: layout::hash(),
            tier: tier.name().to_owned(),
            options: tier.settings(),
            features: tier.ahead().map_or_else(Vec::new, |tier| tier.needed_features()),
            proposals: config.features.iter().map(|proposal| proposal.to_string()).collect(),
            guard_pages: engine.has_guard_pages(),
            spectre_guards: config.spectre_guards,
            relaxed_simd_deterministic: config.relaxed_simd_deterministic,
            fuel: config.translator.fuel,
            epoch: config.translator.epoch,
            snapshots: config.snapshots,
        }
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        // The version stays first, even if the format of the rest changes.
        write_string(&mut out, &self.engine);
        write_number(&mut out, self.layout);
        write_string(&mut out, &self.tier);
        write_string(&mut out, &self.options);
        for names in [&self.features, &self.proposals] {
            write_number(&mut out, names.len() as u64);
            names.iter().for_each(|name| write_string(&mut out, name));
        }
        let Settings { guard_pages, spectre_guards, relaxed_simd_deterministic, fuel, epoch, snapshots, .. } = *self;
        for flag in [guard_pages, spectre_guards, relaxed_simd_deterministic, fuel, epoch, snapshots] {
            write_number(&mut out, flag.into());
        }
        out
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Settings, String> {
        let mut bytes = Reader::new(bytes);
        let settings = Settings {
            engine: bytes.string()?.to_owned(),
            layout: bytes.number()?,
            tier: bytes.string()?.to_owned(),
            options: bytes.string()?.to_owned(),
            features: bytes.strings()?,
            proposals: bytes.strings()?,
            guard_pages: bytes.flag()?,
            spectre_guards: bytes.flag()?,
            relaxed_simd_deterministic: bytes.flag()?,
            fuel: bytes.flag()?,
            epoch: bytes.flag()?,
            snapshots: bytes.flag()?,
        };
        bytes.end()?;
        Ok(settings)
    }

    /// Returns a hash of all settings.
    pub(crate) fn hash(&self) -> u64 {
        super::hash(&self.write())
    }

    /// Checks that the code may run in an engine whose own code has the settings `here`, on a processor with
    /// `features`.
    ///
    /// # Errors
    ///
    /// If it may not; the message says why, and what to do.
    pub(crate) fn check(&self, here: &Settings, features: &[String]) -> Result<(), String> {
        if self.engine != here.engine {
            let (file, here) = (&self.engine, &here.engine);
            return Err(format!("it was compiled by Riser {file}, and this is {here}: compile the module again"));
        }
        if self.layout != here.layout {
            return Err("it was compiled by another build of Riser: compile the module again".to_owned());
        }
        if let Some(missing) = self.features.iter().find(|feature| !features.contains(feature)) {
            return Err(format!(
                "its code needs `{missing}`, which this processor does not have: compile the module here, or for the \
                 processor `x86-64`"
            ));
        }
        let is_advice = |name: &str| name.parse().is_ok_and(Proposal::is_advice);
        let mut accepted = self.proposals.iter().filter(|name| !is_advice(name));
        if let Some(off) = accepted.find(|proposal| !here.proposals.contains(proposal)) {
            return Err(format!(
                "it was compiled as a module that may use the proposal `{off}`, which is off in this engine: compile the \
                 module again with the same proposals (`--wasm`), or turn it on"
            ));
        }
        if here.spectre_guards && !self.spectre_guards {
            return Err(
                "its code does not keep speculation in bounds, which this engine is configured to: compile the module \
                        again, or run it with `--spectre off`"
                    .to_owned(),
            );
        }
        if here.relaxed_simd_deterministic && !self.relaxed_simd_deterministic {
            return Err(
                "its relaxed vector operators give what the processor that it was compiled for computes, and this \
                        engine is configured to deterministic results: compile the module again, or run it with \
                        `--relaxed-simd machine`"
                    .to_owned(),
            );
        }
        if here.snapshots && !self.snapshots {
            return Err(
                "its code keeps nothing for snapshots, which this engine is configured to take: compile the module again \
                        with `--snapshots`"
                    .to_owned(),
            );
        }
        let settings = [
            (self.guard_pages, here.guard_pages, "guard pages", "--bounds"),
            (self.fuel, here.fuel, "fuel", "--consume-fuel"),
            (self.epoch, here.epoch, "interruption by epochs", "--epoch-interruption"),
        ];
        match settings.into_iter().find(|(own, asked, ..)| own != asked) {
            Some((own, _, what, flag)) => {
                let [file, engine] = if own { ["with", "without"] } else { ["without", "with"] };
                Err(format!(
                    "it was compiled {file} {what}, and this engine is configured {engine}: use the same setting for \
                     both (`{flag}` of `riser compile`)"
                ))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::ahead) fn settings() -> Settings {
        Settings {
            engine: "1".to_owned(),
            layout: 2,
            tier: "fast".to_owned(),
            options: "speed".to_owned(),
            features: vec!["sse".to_owned(), "avx".to_owned()],
            proposals: vec!["simd".to_owned()],
            guard_pages: true,
            spectre_guards: true,
            relaxed_simd_deterministic: true,
            fuel: false,
            epoch: false,
            snapshots: true,
        }
    }

    #[test]
    fn code_runs_where_there_is_what_it_needs() {
        let file = settings();
        let more = [file.features.clone(), vec!["avx512f".to_owned()]].concat();
        assert_eq!(file.check(&file, &more), Ok(()));
        assert_eq!(file.check(&Settings { options: "none".to_owned(), ..file.clone() }, &more), Ok(()));
        let off = Settings { spectre_guards: false, ..file.clone() };
        assert_eq!(file.check(&off, &more), Ok(()));
        let why = off.check(&file, &more).unwrap_err();
        assert!(why.contains("`--spectre off`"), "{why}");
        let machine = Settings { relaxed_simd_deterministic: false, ..file.clone() };
        assert_eq!(file.check(&machine, &more), Ok(()));
        assert_eq!(machine.check(&machine, &more), Ok(()));
        let why = machine.check(&file, &more).unwrap_err();
        assert!(why.contains("`--relaxed-simd machine`"), "{why}");
        assert_ne!(machine.hash(), file.hash());
        let without = Settings { snapshots: false, ..file.clone() };
        assert_eq!(file.check(&without, &more), Ok(()));
        let why = without.check(&file, &more).unwrap_err();
        assert!(why.contains("`--snapshots`"), "{why}");
        assert_ne!(without.hash(), file.hash());
        let without = Settings { proposals: Vec::new(), ..file.clone() };
        assert_eq!(without.check(&file, &more), Ok(()));
        let why = file.check(&without, &more).unwrap_err();
        assert!(why.contains("the proposal `simd`, which is off in this engine"), "{why}");
        assert_ne!(without.hash(), file.hash());
        let hinted = Settings { proposals: vec!["branch-hinting".to_owned()], ..file.clone() };
        assert_eq!(hinted.check(&without, &more), Ok(()));
        assert_ne!(hinted.hash(), without.hash());
        let why = file.check(&file, &more[..1]).unwrap_err();
        assert!(why.contains("`avx`"), "{why}");
        for (here, expected) in [
            (Settings { engine: "2".to_owned(), ..file.clone() }, "by Riser 1, and this is 2"),
            (Settings { layout: 3, ..file.clone() }, "another build"),
            (Settings { fuel: true, ..file.clone() }, "without fuel, and this engine is configured with"),
            (Settings { epoch: true, ..file.clone() }, "without interruption"),
            (
                Settings { guard_pages: false, ..file.clone() },
                "with guard pages, and this engine is configured without",
            ),
        ] {
            let why = file.check(&here, &more).unwrap_err();
            assert!(why.contains(expected), "{why}");
        }
    }
}
