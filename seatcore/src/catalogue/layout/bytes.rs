//! The canonical bytes of a layout, which its hash is taken of.
//!
//! Version 1, integers little-endian: version u8; focus x, y i32; tiers u8, each a name; sections
//! u16, each a name (empty for the unnamed one) and rows u32. A name is a length u8 and its bytes.
//! A row is letters u16 (`A` = 1, as a spreadsheet counts), x, y i32, first number and count u16,
//! then four lists, each with its length as u16: aisles u16, missing numbers u16, tiers (from u16,
//! to u16, tier u8), accessible numbers u16.

use super::describe::{accessible_numbers, tier_ranges};
use super::{
    Layout, LayoutError, PITCH, Plan, PlanPoint, PlanRow, PlanSection, PlanTier, Row, RowLabel,
};

const VERSION: u8 = 1;

/// Writes the canonical form.
pub(super) fn encode(layout: &Layout) -> Vec<u8> {
    let mut out = vec![VERSION];
    out.extend(layout.focus.0.to_le_bytes());
    out.extend(layout.focus.1.to_le_bytes());
    out.push(layout.tiers.len() as u8);
    for tier in &layout.tiers {
        put_name(&mut out, tier);
    }
    let sections: Vec<&[Row]> = layout.rows.chunk_by(|a, b| a.section == b.section).collect();
    out.extend((sections.len() as u16).to_le_bytes());
    let mut at = 0;
    for rows in sections {
        let name = rows.first().and_then(|row| layout.section_name(row));
        put_name(&mut out, name.unwrap_or_default());
        out.extend((rows.len() as u32).to_le_bytes());
        for row in rows {
            put_row(&mut out, layout, at, row);
            at += 1;
        }
    }
    out
}

fn put_name(out: &mut Vec<u8>, name: &str) {
    // Names were checked when the layout was built: at most 32 bytes.
    out.push(name.len() as u8);
    out.extend(name.as_bytes());
}

fn put_row(out: &mut Vec<u8>, layout: &Layout, at: usize, row: &Row) {
    out.extend(row.label.0.to_le_bytes());
    out.extend(row.x.to_le_bytes());
    out.extend(row.y.to_le_bytes());
    out.extend(row.first_number.to_le_bytes());
    out.extend(row.count.to_le_bytes());
    put_numbers(out, layout.aisles(at));
    put_numbers(out, layout.missing(at));
    let tiers: Vec<_> = tier_ranges(layout, row).collect();
    out.extend((tiers.len() as u16).to_le_bytes());
    for (from, to, tier) in tiers {
        out.extend(from.to_le_bytes());
        out.extend(to.to_le_bytes());
        out.push(tier.0);
    }
    put_numbers(out, accessible_numbers(layout, row));
}

fn put_numbers(out: &mut Vec<u8>, numbers: impl Iterator<Item = u16>) {
    let numbers: Vec<u16> = numbers.collect();
    out.extend((numbers.len() as u16).to_le_bytes());
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// Reads the canonical form into a plan, whose content is still unchecked.
pub(super) fn decode(bytes: &[u8]) -> Result<Plan, LayoutError> {
    let mut input = Input(bytes);
    let found = input.u8()?;
    if found != VERSION {
        return Err(LayoutError::Version { found });
    }
    let focus = Some(PlanPoint { x: input.pitches()?, y: input.pitches()? });
    let tiers = (0..input.u8()?).map(|_| input.name()).collect::<Result<Vec<_>, _>>()?;
    let sections = (0..input.u16()?).map(|_| input.section(&tiers)).collect::<Result<_, _>>()?;
    match input.0.len() {
        0 => Ok(Plan { sections, focus }),
        count => Err(LayoutError::Trailing { count }),
    }
}

/// The bytes not yet read.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], LayoutError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(LayoutError::Truncated)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u8(&mut self) -> Result<u8, LayoutError> {
        self.take::<1>().map(u8::from_le_bytes)
    }

    fn u16(&mut self) -> Result<u16, LayoutError> {
        self.take().map(u16::from_le_bytes)
    }

    fn number(&mut self) -> Result<u32, LayoutError> {
        self.u16().map(u32::from)
    }

    fn pitches(&mut self) -> Result<f64, LayoutError> {
        let hundredths = self.take().map(i32::from_le_bytes)?;
        Ok(f64::from(hundredths) / f64::from(PITCH))
    }

    fn name(&mut self) -> Result<String, LayoutError> {
        let len = usize::from(self.u8()?);
        let (name, rest) = self.0.split_at_checked(len).ok_or(LayoutError::Truncated)?;
        self.0 = rest;
        // What is not UTF-8 is no name either, and is refused as one when the plan is checked.
        Ok(String::from_utf8_lossy(name).into_owned())
    }

    fn section(&mut self, tiers: &[String]) -> Result<PlanSection, LayoutError> {
        let name = Some(self.name()?).filter(|name| !name.is_empty());
        let count = self.take().map(u32::from_le_bytes)?;
        // A vector grown row by row: the count is a claim, and the bytes may not keep it.
        let rows = (0..count).map(|_| self.row(tiers)).collect::<Result<_, _>>()?;
        Ok(PlanSection { name, rows })
    }

    fn row(&mut self, tiers: &[String]) -> Result<PlanRow, LayoutError> {
        Ok(PlanRow {
            label: RowLabel(self.u16()?).to_string(),
            x: Some(self.pitches()?),
            y: Some(self.pitches()?),
            first: Some(self.number()?),
            count: self.number()?,
            gaps: self.list(Self::number)?,
            skip: self.list(Self::number)?,
            tier: None,
            tiers: self.list(|input| input.tier(tiers))?,
            accessible: self.list(Self::number)?,
        })
    }

    fn tier(&mut self, tiers: &[String]) -> Result<PlanTier, LayoutError> {
        let (from, to) = (self.number()?, self.number()?);
        let tier = tiers.get(usize::from(self.u8()?)).ok_or(LayoutError::NotCanonical)?;
        Ok(PlanTier { from, to, tier: tier.clone() })
    }

    fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, LayoutError>,
    ) -> Result<Vec<T>, LayoutError> {
        (0..self.u16()?).map(|_| read(self)).collect()
    }
}
