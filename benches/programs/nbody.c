/* nbody: a sun and four planets under gravity, in double precision.
 *
 * Exercises f64 arithmetic with loads and stores around it, f64.sqrt and
 * division, in nested loops of a few iterations. The energy drift shows
 * whether the arithmetic is right; its digits, whether it is exact.
 *
 * Scale: number of time steps. */
#include <math.h>

#include "program.h"

enum { BODIES = 5 };

struct vector {
    double x, y, z;
};

struct body {
    struct vector at, velocity;
    double mass;
};

static struct body bodies[BODIES];

/* Planets on near-circular, slightly inclined orbits, each a quarter turn
 * further than the one before. The gravitational constant is 1. */
static void place_bodies(void) {
    static const double radius[BODIES] = {0, 1.0, 1.7, 3.1, 5.2};
    static const double mass[BODIES] = {40.0, 0.002, 0.0003, 0.04, 0.01};
    static const double turn_x[4] = {1, 0, -1, 0}, turn_y[4] = {0, 1, 0, -1};
    for (int i = 0; i < BODIES; i++) {
        double speed = i ? sqrt(mass[0] / radius[i]) : 0;
        double x = turn_x[i & 3], y = turn_y[i & 3];
        bodies[i].mass = mass[i];
        bodies[i].at = (struct vector){radius[i] * x, radius[i] * y, 0.01 * radius[i] * i};
        bodies[i].velocity = (struct vector){-speed * y, speed * x, 0.02 * speed};
    }
}

/* Gives the sun the momentum that makes the whole stand still. */
static void balance_momentum(void) {
    struct vector momentum = {0, 0, 0};
    for (int i = 1; i < BODIES; i++) {
        momentum.x += bodies[i].velocity.x * bodies[i].mass;
        momentum.y += bodies[i].velocity.y * bodies[i].mass;
        momentum.z += bodies[i].velocity.z * bodies[i].mass;
    }
    bodies[0].velocity.x = -momentum.x / bodies[0].mass;
    bodies[0].velocity.y = -momentum.y / bodies[0].mass;
    bodies[0].velocity.z = -momentum.z / bodies[0].mass;
}

static NOINLINE double energy(void) {
    double total = 0;
    for (int i = 0; i < BODIES; i++) {
        const struct body *a = &bodies[i];
        const struct vector *v = &a->velocity;
        total += 0.5 * a->mass * (v->x * v->x + v->y * v->y + v->z * v->z);
        for (int j = i + 1; j < BODIES; j++) {
            const struct body *b = &bodies[j];
            double dx = a->at.x - b->at.x, dy = a->at.y - b->at.y, dz = a->at.z - b->at.z;
            total -= a->mass * b->mass / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return total;
}

static NOINLINE void advance(double step) {
    for (int i = 0; i < BODIES; i++) {
        struct body *a = &bodies[i];
        for (int j = i + 1; j < BODIES; j++) {
            struct body *b = &bodies[j];
            double dx = b->at.x - a->at.x, dy = b->at.y - a->at.y, dz = b->at.z - a->at.z;
            double square = dx * dx + dy * dy + dz * dz;
            double pull = step / (square * sqrt(square));
            a->velocity.x += dx * b->mass * pull;
            a->velocity.y += dy * b->mass * pull;
            a->velocity.z += dz * b->mass * pull;
            b->velocity.x -= dx * a->mass * pull;
            b->velocity.y -= dy * a->mass * pull;
            b->velocity.z -= dz * a->mass * pull;
        }
    }
    for (int i = 0; i < BODIES; i++) {
        bodies[i].at.x += step * bodies[i].velocity.x;
        bodies[i].at.y += step * bodies[i].velocity.y;
        bodies[i].at.z += step * bodies[i].velocity.z;
    }
}

int main(int argc, char **argv) {
    uint32_t steps = scale_argument(argc, argv, 250000);
    place_bodies();
    balance_momentum();
    double before = energy();
    for (uint32_t i = 0; i < steps; i++) advance(0.0005);
    double after = energy();
    double drift = after / before - 1;
    check(drift > -1e-3 && drift < 1e-3, "energy is conserved");
    printf("nbody %u steps: energy %.12f -> %.12f\n", steps, before, after);
    for (int i = 0; i < BODIES; i++) {
        printf("  %.12f %.12f %.12f\n", bodies[i].at.x, bodies[i].at.y, bodies[i].at.z);
    }
    return 0;
}
