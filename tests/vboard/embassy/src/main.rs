// SPDX-License-Identifier: Apache-2.0
//! embassy-nrf's QSPI driver identifies, erases, programs and reads a chip. What came of it goes out on the serial line.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use embassy_nrf::{bind_interrupts, peripherals, qspi, uarte};

#[cfg(feature = "nrf52840")]
bind_interrupts!(struct Irqs {
    QSPI => qspi::InterruptHandler<peripherals::QSPI>;
    UARTE0 => uarte::InterruptHandler<peripherals::UARTE0>;
});
#[cfg(feature = "nrf5340")]
bind_interrupts!(struct Irqs {
    QSPI => qspi::InterruptHandler<peripherals::QSPI>;
    SERIAL0 => uarte::InterruptHandler<peripherals::SERIAL0>;
});

#[repr(C, align(4))]
struct Words([u8; 512]);

const AT: u32 = 0x1000;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    cortex_m::asm::udf()
}

#[entry]
fn main() -> ! {
    let p = embassy_nrf::init(Default::default());
    let mut config = qspi::Config::default();
    config.capacity = 8 * 1024 * 1024;
    config.frequency = qspi::Frequency::M8;
    config.read_opcode = qspi::ReadOpcode::Read4io;
    config.write_opcode = qspi::WriteOpcode::Pp4io;
    config.write_page_size = qspi::WritePageSize::_256bytes;

    #[cfg(feature = "nrf52840")]
    let mut serial = uarte::Uarte::new(p.UARTE0, p.P0_08, p.P0_06, Irqs, Default::default());
    #[cfg(feature = "nrf52840")]
    let mut chip = qspi::Qspi::new(p.QSPI, Irqs, p.P0_19, p.P0_17, p.P0_20, p.P0_21, p.P0_22, p.P0_23, config);

    #[cfg(feature = "nrf5340")]
    let mut serial = uarte::Uarte::new(p.SERIAL0, p.P0_22, p.P0_20, Irqs, Default::default());
    #[cfg(feature = "nrf5340")]
    unsafe {
        // HFCLK192M undivided, which the driver leaves to its user (anomaly 159).
        (0x5000_55b8 as *mut u32).write_volatile(0);
    }
    #[cfg(feature = "nrf5340")]
    let mut chip = qspi::Qspi::new(p.QSPI, Irqs, p.P0_17, p.P0_18, p.P0_13, p.P0_14, p.P0_15, p.P0_16, config);

    let mut id = [0u8; 3];
    let mut status = [0u8; 1];
    chip.blocking_custom_instruction(0x9f, &[], &mut id).unwrap();
    chip.blocking_custom_instruction(0x05, &[], &mut status).unwrap();
    chip.blocking_custom_instruction(0x01, &[status[0] | 0x40], &mut []).unwrap();

    let mut out = Words([0; 512]);
    let mut back = Words([0; 512]);
    for (i, byte) in out.0.iter_mut().enumerate() {
        *byte = (i * 7 + 1) as u8;
    }
    chip.blocking_erase(AT).unwrap();
    chip.blocking_write(AT, &out.0).unwrap();
    chip.blocking_read(AT, &mut back.0).unwrap();

    let good = id == [0xc2, 0x28, 0x17] && out.0 == back.0;
    let mut text = [0u8; 16];
    let say: &[u8] = if good { b"read back equal\n" } else { b"read back wrong\n" };
    text.copy_from_slice(say);
    serial.blocking_write(&text).unwrap();
    loop {
        cortex_m::asm::wfi();
    }
}
