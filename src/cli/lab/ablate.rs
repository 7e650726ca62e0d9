//! `riser ablate`.

use anyhow::Result;
use clap::Args;
use riser_lab::Record;
use riser_lab::comparison::Comparison;
use riser_lab::report::{DISPATCHES, code_bytes, made_ms, median_of};

use super::configuration::Configuration;
use super::counts::dispatches;
use super::program::{Laboratory, Program};
use super::table::Table;
use super::{ProgramArgs, extent, shown};
use crate::cli::out;
use crate::translator::switches::{Switches, switch};
use crate::{Bounds, Dispatch, Mode, TranslatorConfig};

/// Measure what each optimisation of the register interpreter is worth to a program
///
/// Runs the program with each of the translator's switches off alone and on alone, with every other dispatch strategy and
/// with the other bounds strategy, beside the interpreter as it is by default. The largest effect comes first.
#[derive(Args, Debug)]
#[command(
    override_usage = "riser ablate [OPTIONS] FILE [ARGS]...",
    after_help = "\
Examples:
  riser ablate program.wasm
  riser ablate --pair pairs,accumulators --time 10m program.wasm input.txt"
)]
pub struct Ablate {
    /// Two switches to turn off together; can be repeated
    #[arg(long = "pair", value_name = "NAME,NAME", value_parser = pair)]
    pairs: Vec<[&'static str; 2]>,

    #[command(flatten)]
    program: ProgramArgs,
}

fn pair(text: &str) -> Result<[&'static str; 2], String> {
    let (one, other) = text.split_once(',').ok_or("expected two names, such as pairs,accumulators")?;
    let pair = [switch(one)?, switch(other)?];
    if one == other { Err(format!("a pair is of two switches, and `{one}` is one")) } else { Ok(pair) }
}

impl Ablate {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let (program, laboratory) = (self.program.program()?, Laboratory::new(self.program.lab.copies())?);
        let configurations = self.configurations();
        let subjects = laboratory.subjects(&program, &configurations)?;
        let executed = configurations.iter().map(|configuration| executed(&laboratory, &program, configuration));
        let executed = executed.collect::<Result<Vec<_>>>()?;
        let mut record = self.program.lab.measure(&subjects, &program.file)?;
        // They are the same in each run.
        for sample in &mut record.samples {
            sample.reported.insert(DISPATCHES.to_owned(), executed[sample.subject]);
        }
        self.program.lab.write(&record)?;
        out::print(|out| Ok(write!(out, "{}", report(&record))?))
    }

    /// The interpreter as it is, then what differs from it in one way.
    fn configurations(&self) -> Vec<Configuration> {
        let base = Configuration::of(Mode::Interp);
        let switches = || TranslatorConfig::SWITCHES.iter().map(|&(name, _)| name);
        let mut settings: Vec<Switches> = switches().map(|name| Switches::without(&[name])).collect();
        settings.extend(self.pairs.iter().map(|names| Switches::without(names)));
        settings.push(Switches::only(&[]));
        settings.extend(switches().map(|name| Switches::only(&[name])));
        let mut configurations = vec![base.clone()];
        configurations
            .extend(settings.into_iter().map(|switches| Configuration { switches: Some(switches), ..base.clone() }));
        let strategies = Dispatch::ALL.iter().copied().filter(|&it| it != Dispatch::default() && it.effective() == it);
        configurations.extend(strategies.map(|it| Configuration { dispatch: Some(it), ..base.clone() }));
        // `riser run` interprets with explicit checks unless told.
        configurations.push(Configuration { bounds: Some(Bounds::Guard), ..base });
        configurations
    }
}

/// The number of instructions that the interpreter executes.
fn executed(laboratory: &Laboratory, program: &Program, configuration: &Configuration) -> Result<f64> {
    let counted = Configuration { dispatch: None, ..configuration.clone() };
    let subject = laboratory.subject(program, 0, counted.setting(laboratory.executables()))?;
    dispatches(&subject)
}

/// The table: the interpreter as it is, then what makes the largest difference.
fn report(record: &Record) -> String {
    let Record { samples, metric, .. } = record;
    let mut rows: Vec<(usize, Option<Comparison>)> =
        (1..record.subjects.len()).map(|index| (index, Comparison::of(samples, 0, index, metric))).collect();
    let effect = |it: &Option<Comparison>| it.map_or(0.0, |it| it.ratio.ln().abs());
    rows.sort_by(|(_, one), (_, other)| effect(other).total_cmp(&effect(one)));
    rows.insert(0, (0, None));
    let what = metric.heading();
    let mut table = Table::new(&["", &what, "beside interp ", "Minstr", "code KiB", "translated in ms"]);
    for (index, comparison) in rows {
        table.row(vec![
            record.subjects[index].name.clone(),
            shown(median_of(samples, index, |it| metric.of(it))),
            comparison.map_or_else(String::new, |it| it.to_string()),
            shown(median_of(samples, index, |it| it.reported.get(DISPATCHES).map(|count| count / 1e6))),
            shown(median_of(samples, index, |it| code_bytes(it).map(|bytes| bytes / 1024.0))),
            shown(median_of(samples, index, made_ms)),
        ]);
    }
    format!(
        "{table}\n{}Minstr: instructions that the interpreter executed, in millions; a pair counts once.\n",
        extent(samples)
    )
}
